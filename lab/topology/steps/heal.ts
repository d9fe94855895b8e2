import * as z from 'zod';
import type { HealStep } from '../topology.ts';
import type { StepKind } from './kind.ts';

const schema = z
  .literal('all', 'expected all')
  .describe('Brings back every link that partitions have cut. Example: all');

export const heal: StepKind<typeof schema, HealStep> = {
  schema,
  read(_, scope) {
    if (scope.story.cut.size === 0) scope.problem([], 'nothing is cut: no step above is a partition');
    scope.story.cut.clear();
    return { kind: 'heal' };
  },
  write: () => 'all',
};
