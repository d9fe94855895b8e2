import type { ResumeStep } from '../topology.ts';
import type { StepKind } from './kind.ts';
import { nodeOf } from './node.ts';

const schema = nodeOf('The host whose program goes on').describe('Lets a paused program go on (SIGCONT). Example: t3');

export const resume: StepKind<typeof schema, ResumeStep> = {
  schema,
  read({ node }, scope) {
    scope.requireProgram(['node'], node, 'a resume');
    if (!scope.story.paused.delete(node)) scope.problem(['node'], `${node} is not paused: no step above pauses it`);
    return { kind: 'resume', node };
  },
  write: ({ node }) => ({ node }),
};
