import type { PartitionStep } from '../topology/index.ts';
import type { StepHandler } from './context.ts';

/** Takes down every link between the nodes named and the others. Links that are down already are not this step's. */
export const partition: StepHandler<PartitionStep> = {
  title: (step) => `cut ${step.nodes.join(', ')} off from all others`,

  async run({ cut }, context) {
    const links = cut.filter((link) => !context.links.isDown(link));
    for (const link of links) {
      await context.links.down(link);
      context.cut.add(link);
    }
    return `${links.join(', ') || 'nothing left to cut'}`;
  },
};
