import type { SendStep } from '../topology/index.ts';
import type { StepHandler } from './context.ts';

/** Sends plain overlay datagrams to a rendezvous group; whether they arrive is for the verdicts to say. */
export const send: StepHandler<SendStep> = {
  title: (step) => `send ${step.count} datagrams of ${step.size} bytes from ${step.from} to ${step.to.join(', ')}`,

  async run(step, context) {
    const { group, to, count, size, copies } = step;
    await context.actor(step.from).request('send', { group, to, count, size, copies });
    return copies === 1 ? `${count} sent` : `${count} sent, each ${copies} times`;
  },
};
