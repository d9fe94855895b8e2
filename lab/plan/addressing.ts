import { TRUNK_SUBNET } from '../topology/addresses.ts';
import {
  formatAddress,
  type Host,
  isSwitched,
  linkName,
  macOf,
  type Topology,
  type Trunk,
  zonesBySwitch,
} from '../topology/index.ts';
import { HOST_INTERFACE } from './constants.ts';
import type { LinkEnd, PlannedLink } from './plan.ts';

/** Second byte of the L2 address of a bridge port, which has no IPv4 address: told apart from its host's only by this. */
const PORT = 1;

/** A trunk end with its address, which only a bridge port lacks. */
export type RoutedEnd = LinkEnd & { address: string };
export type EdgeLink = PlannedLink & { kind: 'edge'; a: RoutedEnd };
export type RoutedTrunk = PlannedLink & { kind: 'trunk'; a: RoutedEnd; b: RoutedEnd };

/** What a link is before it is decided how to build it. */
type Unbuilt<L extends PlannedLink> = Omit<L, 'backend'>;

/** The link of a host to its switch. There its port has the host's name. */
function edgeLink(host: Host, prefix: string): Unbuilt<EdgeLink> {
  return {
    name: linkName(host.name, host.switch),
    kind: 'edge',
    a: {
      node: host.name,
      interface: HOST_INTERFACE,
      mac: macOf(host.address),
      address: `${host.address}/${prefix}`,
    },
    b: { node: host.switch, interface: host.name, mac: macOf(host.address, PORT) },
    forward: host.up,
    backward: host.down,
  };
}

/**
 * The nth trunk (from 0): the nth pair of addresses of the trunk subnet, a /31 (RFC 3021). Each end has the name of the other node.
 * Inside a zone the ends are bridge ports, and the addresses only make their L2 addresses.
 */
function trunkLink(trunk: Trunk, n: number, switched: boolean): Unbuilt<PlannedLink> {
  const end = (node: string, peer: string, side: number): LinkEnd => {
    const address = formatAddress(TRUNK_SUBNET.network + 2 * n + side);
    return { node, interface: peer, mac: macOf(address), ...(!switched && { address: `${address}/31` }) };
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

/** Every link of a topology: the edges in the order of the hosts, then the trunks as declared. */
export function addressLinks(topology: Topology): Unbuilt<PlannedLink>[] {
  const prefixes = new Map(topology.zones.map((zone) => [zone.name, zone.subnet.split('/')[1]!]));
  const zoneOf = zonesBySwitch(topology.zones);
  return [
    ...topology.hosts.map((host) => edgeLink(host, prefixes.get(host.zone)!)),
    ...topology.trunks.map((trunk, n) => trunkLink(trunk, n, isSwitched(trunk, zoneOf))),
  ];
}

export const isEdge = (link: PlannedLink): link is EdgeLink => link.kind === 'edge';
export const isRouted = (link: PlannedLink): link is RoutedTrunk =>
  link.kind === 'trunk' && link.a.address !== undefined;

/** `10.1.0.11/24` → `10.1.0.11` */
export const withoutPrefix = (address: string): string => address.split('/')[0]!;
