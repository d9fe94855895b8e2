import * as z from 'zod';
import { suggestion } from '../../../src/document/index.ts';
import { reference } from '../fields.ts';
import type { Scope } from '../scope.ts';
import type { PartitionStep } from '../topology.ts';
import type { StepKind } from './kind.ts';
import { writeNames } from './links.ts';

const schema = z
  .union([reference, z.array(reference).min(1, 'name at least one zone, router or host')])
  .describe('Cuts zones (with their hosts), routers, switches and hosts off from all others. Example: [east, west]');

/** Everything that a name stands for: of a zone its switches and hosts. */
function members(name: string, { known: { zones, routers, hosts } }: Scope): string[] | undefined {
  const zone = zones.find((candidate) => candidate.name === name);
  if (zone) {
    const inside = [...hosts.values()].filter((host) => host.zone === name).map((host) => host.name);
    return [...zone.switches, ...inside];
  }
  const isNode = routers.includes(name) || hosts.has(name) || zones.some((known) => known.switches.includes(name));
  return isNode ? [name] : undefined;
}

export const partition: StepKind<typeof schema, PartitionStep> = {
  schema,
  read(declared, scope) {
    const nodes = [declared].flat();
    const side = new Set<string>();
    for (const [index, name] of nodes.entries()) {
      const { zones, routers, hosts } = scope.known;
      const names = [...zones.flatMap((zone) => [zone.name, ...zone.switches]), ...routers, ...hosts.keys()];
      const found = members(name, scope);
      const path = typeof declared === 'string' ? [] : [index];
      if (!found) scope.problem(path, `unknown zone, router or host "${name}"${suggestion(name, names)}`);
      for (const member of found ?? []) side.add(member);
    }
    const across = scope.known.links.filter(({ from, to }) => side.has(from) !== side.has(to));
    const cut = [...new Set(across.map(({ link }) => link))];
    if (side.size > 0 && cut.length === 0) {
      scope.problem([], 'no link leads from these to any other: there is nothing to cut');
    }
    for (const link of cut) scope.story.cut.add(link);
    return { kind: 'partition', nodes, cut };
  },
  write: ({ nodes }) => writeNames(nodes),
};
