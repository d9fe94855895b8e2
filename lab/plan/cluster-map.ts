import { macOf, type Topology } from '../topology/index.ts';
import { OVERLAY_PREFIX } from './constants.ts';

/** Name of a negotiating group → its 48-bit id: 1, 2, … in the order of declaration. */
export const groupIds = (groups: Readonly<Record<string, string[]>>): Map<string, number> =>
  new Map(Object.keys(groups).map((name, index) => [name, index + 1]));

/** The cluster map of a topology, in the file format that `src/overlay` reads. */
export function clusterMap({ zones, hosts, overlay }: Topology): unknown {
  const groups = Object.entries(overlay.groups);
  const ids = groupIds(overlay.groups);
  const grouped = new Set(Object.values(overlay.groups).flat());
  const stores = new Set(hosts.filter(({ role }) => role === 'target').map(({ name }) => name));
  return {
    port: overlay.port,
    prefix: OVERLAY_PREFIX,
    zones: Object.fromEntries(zones.map((zone) => [zone.name, { subnet: zone.subnet, native: zone.native ?? false }])),
    targets: Object.fromEntries(
      hosts
        .filter(({ role, name }) => role === 'target' || (role === 'mrouter' && grouped.has(name)))
        .map((host) => [host.name, { zone: host.zone, underlay: host.address, mac: macOf(host.address) }]),
    ),
    groups: Object.fromEntries(
      groups.map(([name, members]) => [name, { id: ids.get(name)!.toString(16).padStart(12, '0'), members }]),
    ),
    vias: overlay.vias,
    ...(overlay.tunnels.length > 0 && { tunnels: overlay.tunnels }),
    // Content lives where there are stores.
    partitions: groups.filter(([, members]) => members.every((name) => stores.has(name))).map(([name]) => name),
    relay: overlay.relay,
  };
}
