import type { UpStep } from '../topology/index.ts';
import type { StepHandler } from './context.ts';

export const up: StepHandler<UpStep> = {
  title: (step) => `${step.links.join(', ')} up`,

  async run({ links }, context) {
    for (const link of links) {
      await context.links.up(link);
      context.cut.delete(link);
    }
    return 'up';
  },
};
