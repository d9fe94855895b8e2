import type { ImpairStep } from '../topology/index.ts';
import type { StepHandler } from './context.ts';

export const impair: StepHandler<ImpairStep> = {
  title: (step) => `impair ${step.directions.join(', ')}`,

  async run({ directions, change }, context) {
    for (const direction of directions) await context.links.impair(direction, change);
    return Object.entries(change)
      .map(([name, value]) => (value === null ? `no ${name}` : `${name} ${value}`))
      .join(', ');
  },
};
