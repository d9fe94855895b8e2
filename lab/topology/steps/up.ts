import type { UpStep } from '../topology.ts';
import type { StepKind } from './kind.ts';
import { linkNames, writeNames } from './links.ts';

const schema = linkNames.describe('Brings a link up that a step took down, or several. Example: hub--core');

export const up: StepKind<typeof schema, UpStep> = {
  schema,
  read(declared, scope) {
    const links = scope.requireLinks([], declared);
    for (const link of links) {
      const { down, cut } = scope.story;
      const [was, wasCut] = [down.delete(link), cut.delete(link)];
      if (!was && !wasCut) scope.problem([], `${link} is not down: no step above takes it down`);
    }
    return { kind: 'up', links };
  },
  write: ({ links }) => writeNames(links),
};
