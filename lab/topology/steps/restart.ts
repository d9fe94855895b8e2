import type { RestartStep } from '../topology.ts';
import type { StepKind } from './kind.ts';
import { nodeOf } from './node.ts';

const schema = nodeOf('The host whose program is started again').describe(
  'Kills the program of a host, if it runs, and starts it again with the same configuration. Example: t3',
);

export const restart: StepKind<typeof schema, RestartStep> = {
  schema,
  read({ node }, scope) {
    scope.requireProgram(['node'], node, 'a restart');
    scope.story.dead.delete(node);
    scope.story.paused.delete(node);
    return { kind: 'restart', node };
  },
  write: ({ node }) => ({ node }),
};
