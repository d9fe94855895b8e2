import type { DownStep } from '../topology/index.ts';
import type { StepHandler } from './context.ts';

export const down: StepHandler<DownStep> = {
  title: (step) => `${step.links.join(', ')} down`,

  async run({ links }, context) {
    for (const link of links) await context.links.down(link);
    return 'down';
  },
};
