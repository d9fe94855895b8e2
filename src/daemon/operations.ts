import * as z from 'zod/mini';
import type { ClusterMap } from '../overlay/index.ts';
import type { ControlHandler } from './control.ts';
import { metricsText } from './metrics.ts';
import type { MRouter } from './overlay-node.ts';
import { sendProbes } from './probes.ts';

const whole = (least: number) => z.int('expected a whole number').check(z.minimum(least, `must be at least ${least}`));

const probeArguments = z.strictObject({
  group: z.string('expected the name of a group'),
  to: z.array(z.string('expected the name of a target'), 'expected a list of targets'),
  size: whole(0),
  count: whole(1),
  intervalMs: z._default(z.number('expected ms').check(z.minimum(0, 'must be at least 0')), 1),
  copies: z._default(whole(1), 1),
});

/** The control operations of every node. */
export function nodeOperations(mrouter: MRouter): Record<string, ControlHandler> {
  return {
    status: () => mrouter.status,
    counters: () => mrouter.counters,
    map: () => describeMap(mrouter.map),
    metrics: () => metricsText(mrouter),
    reload: () => {
      mrouter.reload();
      return mrouter.status;
    },
    send: (args) => sendProbes(mrouter, checkArguments(probeArguments, args)),
  };
}

/**
 * The arguments of an operation, checked.
 * @throws Error with one line that names the argument
 */
export function checkArguments<T extends z.ZodMiniType>(schema: T, args: Record<string, unknown>): z.output<T> {
  const result = schema.safeParse(args);
  if (result.success) return result.data;
  const issues = result.error.issues.map((issue) => {
    if (issue.code === 'unrecognized_keys') return `unknown argument ${issue.keys.join(', ')}`;
    return `${issue.path.join('.')}: ${issue.message}`;
  });
  throw new Error(issues.join('; '));
}

/** A cluster map as plain data, with what the overlay derives from it: addresses and labels. */
function describeMap(map: ClusterMap): Record<string, unknown> {
  const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');
  return {
    digest: hex(map.digest, 8),
    port: map.port,
    zones: Object.fromEntries(map.zones.map((zone) => [zone.name, { subnet: zone.subnet.text, native: zone.native }])),
    targets: Object.fromEntries(
      map.targets.map((target) => [
        target.name,
        { zone: target.zone.name, underlay: target.endpoint.address, overlay: target.address },
      ]),
    ),
    groups: Object.fromEntries(
      map.groups.map((group) => [
        group.name,
        {
          id: hex(group.id, 12),
          members: group.members.map((member) => member.name),
          bitStringLength: group.bitStringLength,
          biftIds: group.sets.map((set) => set.biftId),
        },
      ]),
    ),
    vias: map.vias.map(({ from, to, via }) => ({ from: from.name, to: to.name, via: via.name })),
    tunnels: map.tunnels.map(({ dialler, listener, kind, queue }) => ({
      between: [dialler.name, listener.name],
      kind,
      queue,
    })),
    partitions: map.partitions.map((group) => group.name),
    initiators: map.initiators.map((prefix) => prefix.text),
    relay: map.relay,
  };
}
