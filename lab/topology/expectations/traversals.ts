import * as z from 'zod';
import { reference } from '../fields.ts';
import type { LinkSelection, TraversalsExpectation } from '../topology.ts';
import type { ExpectationKind } from './kind.ts';
import { linkSelection } from './links.ts';

const crossings = z.int().min(0, 'must be at least 0');

const schema = z
  .strictObject({
    on: linkSelection,
    'per-datagram': crossings.optional().describe('Crossings of a direction by one datagram at most. Example: 1'),
    exactly: crossings.optional().describe('Crossings of a direction by one datagram, no more, no fewer. Example: 1'),
    to: z
      .array(reference)
      .min(1, 'name at least one target, or leave it out')
      .optional()
      .describe('Only datagrams that address all of these targets. Example: [t1, t4]'),
  })
  .describe('How often one datagram may cross one direction of a link. Example: { on: trunks, per-datagram: 1 }');

export const traversals: ExpectationKind<typeof schema, TraversalsExpectation> = {
  schema,
  filters: ['phase', 'group', 'links'],
  read(declared, scope) {
    const { 'per-datagram': atMost, exactly, to } = declared;
    if ((atMost === undefined) === (exactly === undefined)) {
      scope.problem([], 'traversals has either per-datagram, the most that is allowed, or exactly');
    }
    if (to) {
      const targets = [...scope.hosts.values()].filter((host) => host.role === 'target').map((host) => host.name);
      scope.requireMembers(['to'], to, targets, 'a target');
    }
    const on: LinkSelection =
      typeof declared.on === 'string' ? declared.on : scope.requireDirections(['on'], declared.on);
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
