import * as z from 'zod';
import { DEFAULT_SEND_SIZE, OVERLAY_OVERHEAD } from '../constants.ts';
import { count, reference, size } from '../fields.ts';
import type { SendStep } from '../topology.ts';
import { formatSize } from '../units.ts';
import type { StepKind } from './kind.ts';

const schema = z
  .strictObject({
    from: reference.describe('The host that sends, with an MRouter. Example: i1'),
    group: reference.optional().describe('Negotiating group; may be left out when there is only one. Example: ng1'),
    to: z
      .array(reference)
      .min(1, 'a rendezvous group has at least one member')
      .optional()
      .describe('The members addressed: a rendezvous group; default: all but the sender. Example: [t1, t4]'),
    count: count.max(1_000_000).default(1).describe('How many datagrams. Example: 100'),
    copies: count
      .max(16)
      .default(1)
      .describe('How often each datagram is sent: above 1 it is a duplicate, for the verdicts to find. Example: 2'),
    size: size.default(DEFAULT_SEND_SIZE).describe('Payload of each, bytes. Example: 1000'),
  })
  .describe('Sends overlay datagrams, without Replicast. Example: { from: i1, to: [t1, t4], count: 100 }');

export const send: StepKind<typeof schema, SendStep> = {
  schema,
  read(declared, scope) {
    scope.requireHost(['from'], declared.from, ['initiator', 'target', 'mrouter'], 'a send');
    const names = Object.keys(scope.groups);
    if (declared.group === undefined && names.length !== 1) {
      scope.problem(
        [],
        names.length > 1
          ? `which group? There is more than one: add group, one of ${names.slice(0, 8).join(', ')}`
          : 'a send needs a group of targets: the topology has no target',
      );
    }
    const group = declared.group ?? names[0] ?? '';
    const members = declared.group === undefined ? (scope.groups[group] ?? []) : scope.requireGroup(['group'], group);
    if (declared.to && members) scope.requireMembers(['to'], declared.to, members, `a member of group ${group}`);
    const to = declared.to ?? (members ?? []).filter((name) => name !== declared.from);
    if (members && members.length > 0 && to.length === 0)
      scope.problem([], `group ${group} has no member but the sender`);
    const largest = scope.known.mtu - OVERLAY_OVERHEAD;
    if (declared.size > largest) {
      scope.problem(
        ['size'],
        `${declared.size} bytes do not fit one datagram: at most ${largest}, for an mtu of ${scope.known.mtu}`,
      );
    }
    const { from, count, copies, size } = declared;
    return { kind: 'send', from, group, to, count, copies, size };
  },
  write: ({ from, group, to, count, copies, size }) => ({
    ...{ from, group, to, count, size: formatSize(size) },
    ...(copies > 1 && { copies }),
  }),
};
