import type { KillStep } from '../topology.ts';
import type { StepKind } from './kind.ts';
import { nodeOf } from './node.ts';

const schema = nodeOf('The host whose program is killed').describe(
  'Kills the program of a host with SIGKILL. Example: t3',
);

export const kill: StepKind<typeof schema, KillStep> = {
  schema,
  read({ node }, scope) {
    scope.requireProgram(['node'], node, 'a kill');
    if (scope.story.dead.has(node)) scope.problem(['node'], `${node} is dead already: a step above kills it`);
    scope.story.dead.add(node);
    scope.story.paused.delete(node);
    return { kind: 'kill', node };
  },
  write: ({ node }) => ({ node }),
};
