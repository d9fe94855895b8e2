import type { KillStep } from '../topology/index.ts';
import type { StepHandler } from './context.ts';

/** Kills a node's process as a power cut would: no signal handler runs. */
export const kill: StepHandler<KillStep> = {
  title: (step) => `kill ${step.node}`,

  async run(step, context) {
    const actor = context.actor(step.node);
    context.killed.set(step.node, context.now());
    context.paused.delete(step.node);
    actor.signal('SIGKILL');
    await actor.ended;
    return 'killed';
  },
};
