import { setTimeout as sleep } from 'node:timers/promises';
import type { PauseStep } from '../topology/index.ts';
import type { StepHandler } from './context.ts';

/** Stops a process where it stands; with a length, lets it go on again, however often. */
export const pause: StepHandler<PauseStep> = {
  title: ({ node, for: length, times }) =>
    length === undefined ? `pause ${node}` : `pause ${node} for ${length} ms${times > 1 ? `, ${times} times` : ''}`,

  async run({ node, for: length, times, apart }, context) {
    const actor = context.actor(node);
    for (let turn = 0; turn < times; turn++) {
      if (!actor.running) throw new Error(`${node} is not running`);
      if (turn > 0) await sleep(apart);
      context.paused.add(node);
      actor.signal('SIGSTOP');
      if (length === undefined) return 'paused';
      await sleep(length);
      actor.signal('SIGCONT');
      context.paused.delete(node);
    }
    return `paused ${times === 1 ? 'once' : `${times} times`}`;
  },
};
