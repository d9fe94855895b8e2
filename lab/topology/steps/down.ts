import type { DownStep } from '../topology.ts';
import type { StepKind } from './kind.ts';
import { linkNames, writeNames } from './links.ts';

const schema = linkNames.describe('Takes a link down at both ends, or several. Example: hub--core');

export const down: StepKind<typeof schema, DownStep> = {
  schema,
  read(declared, scope) {
    const links = scope.requireLinks([], declared);
    for (const link of links) {
      if (scope.story.down.has(link)) scope.problem([], `${link} is down already: a step above takes it down`);
      scope.story.down.add(link);
    }
    return { kind: 'down', links };
  },
  write: ({ links }) => writeNames(links),
};
