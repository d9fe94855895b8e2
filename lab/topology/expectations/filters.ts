import * as z from 'zod';
import { suggestion } from '../../../src/document/index.ts';
import { reference } from '../fields.ts';
import type { Scope } from '../scope.ts';
import type { Filters } from '../topology.ts';

/** What an entry of `expect` may be limited to: which datagrams, puts or counts are judged. */
export const filterFields = {
  phase: reference.optional().describe('Only what was sent or put in this phase of the scenario. Example: healed'),
  group: reference.optional().describe('Only datagrams sent to this negotiating group. Example: ng1'),
  links: z
    .array(reference)
    .min(1, 'name at least one link, such as hub--east, or direction, such as hub>east')
    .optional()
    .describe('Only datagrams that crossed one of these links or directions. Example: [hub>east]'),
};

export type FilterName = keyof typeof filterFields;
type Declared = { [K in FilterName]?: z.output<(typeof filterFields)[K]> };

/** Checks the filters of one entry; reports those that its kind does not take. */
export function readFilters(declared: Declared, allowed: readonly FilterName[], kind: string, scope: Scope): Filters {
  for (const name of Object.keys(filterFields) as FilterName[]) {
    if (declared[name] === undefined || allowed.includes(name)) continue;
    scope.problem([name], `${kind} is not limited by ${name}, only by ${allowed.join(' or ')}`);
  }
  const { phase, group, links } = declared;
  if (phase !== undefined && !scope.story.phases.has(phase)) {
    const known = [...scope.story.phases.keys()];
    const hint = known.length > 0 ? suggestion(phase, known) : ': no step has phase';
    scope.problem(['phase'], `unknown phase "${phase}"${hint}`);
  }
  if (group !== undefined) scope.requireGroup(['group'], group);
  return {
    ...(phase !== undefined && { phase }),
    ...(group !== undefined && { group }),
    ...(links !== undefined && { links: scope.requireDirections(['links'], links) }),
  };
}
