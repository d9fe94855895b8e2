import type { ResumeStep } from '../topology/index.ts';
import type { StepHandler } from './context.ts';

export const resume: StepHandler<ResumeStep> = {
  title: (step) => `resume ${step.node}`,

  async run({ node }, context) {
    context.actor(node).signal('SIGCONT');
    context.paused.delete(node);
    return 'goes on';
  },
};
