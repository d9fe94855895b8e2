import * as z from 'zod';
import { suggestion } from '../../../src/document/index.ts';
import { reference } from '../fields.ts';
import { directionName, linkName } from '../links.ts';
import type { Scope } from '../scope.ts';
import type { LinkSelection, TraversalsExpectation } from '../topology.ts';
import type { ExpectationKind } from './kind.ts';

const crossings = z.int().min(0, 'must be at least 0');

const schema = z
  .strictObject({
    on: z
      .union([
        z.enum(['trunks', 'edges', 'all']),
        z.array(reference).min(1, 'name at least one link, such as hub--east, or direction, such as hub>east'),
      ])
      .default('trunks')
      .describe(
        'Which links: trunks, edges, all, or a list of links and directions. Example: trunks or [hub>east, west--core]',
      ),
    'per-datagram': crossings.optional().describe('Crossings of a direction by one datagram at most. Example: 1'),
    exactly: crossings.optional().describe('Crossings of a direction by one datagram, no more, no fewer. Example: 1'),
    to: z
      .array(reference)
      .min(1, 'name at least one target, or leave it out')
      .optional()
      .describe('Only datagrams that address all of these targets. Example: [t1, t4]'),
  })
  .describe('How often one datagram may cross one direction of a link. Example: { on: trunks, per-datagram: 1 }');

/** The directions that a list of links (`a--b`, either way round) and directions (`a>b`) means, each once. */
function directions(names: readonly string[], scope: Scope): string[] {
  const known = new Map<string, string[]>();
  for (const { name, from, to } of scope.links) {
    known.set(name, [name]);
    known.set(linkName(from, to), [name, directionName(to, from)]);
  }
  return [
    ...new Set(
      names.flatMap((name, index) => {
        const found = known.get(name.replaceAll(' ', ''));
        if (!found) scope.problem(['on', index], `unknown link "${name}"${suggestion(name, known.keys())}`);
        return found ?? [];
      }),
    ),
  ];
}

export const traversals: ExpectationKind<typeof schema, TraversalsExpectation> = {
  schema,
  read(declared, scope) {
    const { 'per-datagram': atMost, exactly, to } = declared;
    if ((atMost === undefined) === (exactly === undefined)) {
      scope.problem([], 'traversals has either per-datagram, the most that is allowed, or exactly');
    }
    if (to) {
      const targets = [...scope.hosts.values()].filter((host) => host.role === 'target').map((host) => host.name);
      scope.requireMembers(['to'], to, targets, 'a target');
    }
    const on: LinkSelection = typeof declared.on === 'string' ? declared.on : directions(declared.on, scope);
    return [
      {
        kind: 'traversals',
        on,
        ...(atMost !== undefined && { atMost }),
        ...(exactly !== undefined && { exactly }),
        ...(to !== undefined && { to }),
      },
    ];
  },
  write: ({ on, atMost, exactly, to }) => ({
    on,
    ...(atMost !== undefined && { 'per-datagram': atMost }),
    ...(exactly !== undefined && { exactly }),
    ...(to !== undefined && { to }),
  }),
};
