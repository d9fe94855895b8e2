import { TRUNK_SUBNET } from '../topology/addresses.ts';
import { formatAddress, type Host, linkName, macOf, type Topology, type Trunk } from '../topology/index.ts';
import { HOST_INTERFACE } from './constants.ts';
import type { LinkEnd, PlannedLink } from './plan.ts';

/** Second byte of the L2 address of a bridge port, which has no IPv4 address: told apart from its host's only by this. */
const PORT = 1;

/** A trunk end with its address, which only a bridge port lacks. */
export type RoutedEnd = LinkEnd & { address: string };
export type EdgeLink = PlannedLink & { kind: 'edge'; a: RoutedEnd };
export type TrunkLink = PlannedLink & { kind: 'trunk'; a: RoutedEnd; b: RoutedEnd };

/** The link of a host to its zone's switch. There its port has the host's name. */
export function edgeLink(host: Host, prefix: string): EdgeLink {
  return {
    name: linkName(host.name, host.zone),
    kind: 'edge',
    a: {
      node: host.name,
      interface: HOST_INTERFACE,
      mac: macOf(host.address),
      address: `${host.address}/${prefix}`,
    },
    b: { node: host.zone, interface: host.name, mac: macOf(host.address, PORT) },
    forward: host.up,
    backward: host.down,
  };
}

/** The nth trunk (from 0): the nth pair of addresses of the trunk subnet, a /31 (RFC 3021). Each end has the name of the other node. */
export function trunkLink(trunk: Trunk, n: number): TrunkLink {
  const end = (node: string, peer: string, side: number): RoutedEnd => {
    const address = formatAddress(TRUNK_SUBNET.network + 2 * n + side);
    return { node, interface: peer, mac: macOf(address), address: `${address}/31` };
  };
  return {
    name: linkName(trunk.a, trunk.b),
    kind: 'trunk',
    a: end(trunk.a, trunk.b, 0),
    b: end(trunk.b, trunk.a, 1),
    forward: trunk.forward,
    backward: trunk.backward,
  };
}

/** Every link of a topology, edges first. */
export function planLinks(topology: Topology): { edges: EdgeLink[]; trunks: TrunkLink[] } {
  const prefixes = new Map(topology.zones.map((zone) => [zone.name, zone.subnet.split('/')[1]!]));
  return {
    edges: topology.hosts.map((host) => edgeLink(host, prefixes.get(host.zone)!)),
    trunks: topology.trunks.map(trunkLink),
  };
}

/** `10.1.0.11/24` → `10.1.0.11` */
export const withoutPrefix = (address: string): string => address.split('/')[0]!;
