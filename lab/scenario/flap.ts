import { setTimeout as sleep } from 'node:timers/promises';
import type { FlapStep } from '../topology/index.ts';
import type { StepHandler } from './context.ts';

/** Down and up again, however often; whatever goes wrong on the way, the links are left up. */
export const flap: StepHandler<FlapStep> = {
  title: (step) => `${step.links.join(', ')} down and up ${step.times} times`,

  async run({ links, times, down, up }, context) {
    const began = context.now();
    try {
      for (let turn = 0; turn < times; turn++) {
        await Promise.all(links.map((link) => context.links.down(link)));
        await sleep(down);
        await Promise.all(links.map((link) => context.links.up(link)));
        await sleep(up);
      }
    } finally {
      await Promise.all(links.map((link) => context.links.up(link)));
    }
    return `${times} times, ${((context.now() - began) / times).toFixed(0)} ms each`;
  },
};
