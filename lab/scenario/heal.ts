import type { HealStep } from '../topology/index.ts';
import type { StepHandler } from './context.ts';

export const heal: StepHandler<HealStep> = {
  title: () => 'heal all partitions',

  async run(_, context) {
    const links = [...context.cut];
    for (const link of links) await context.links.up(link);
    context.cut.clear();
    return `${links.join(', ') || 'nothing was cut'}`;
  },
};
