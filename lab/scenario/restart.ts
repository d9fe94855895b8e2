import type { RestartStep } from '../topology/index.ts';
import { RESTART_PATIENCE } from './constants.ts';
import type { StepHandler } from './context.ts';

/** Kills a node's process, unless it is dead already, and starts it again; done when it is ready. */
export const restart: StepHandler<RestartStep> = {
  title: (step) => `restart ${step.node}`,

  async run({ node }, context) {
    const began = context.now();
    const old = context.actor(node);
    old.signal('SIGKILL');
    await old.ended;
    context.paused.delete(node);
    const actor = await context.restart(node);
    context.killed.delete(node);
    await actor.whenReady(RESTART_PATIENCE);
    return `ready after ${(context.now() - began).toFixed(0)} ms`;
  },
};
