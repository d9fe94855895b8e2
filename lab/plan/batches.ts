import type { Host, LinkProperties, Topology, Zone } from '../topology/index.ts';
import { macOf } from '../topology/index.ts';
import { type EdgeLink, type TrunkLink, withoutPrefix } from './addressing.ts';
import {
  BRIDGE,
  DEFAULT_MTU,
  DEFAULT_QUEUE_TIME,
  frameBytes,
  HOST_INTERFACE,
  MAX_FULL_NEIGHBOURS,
  MIN_QUEUE_FRAMES,
  TBF_BURST_FRAMES,
  TBF_BURST_TIME,
} from './constants.ts';
import type { Batch, LinkEnd, PlannedLink } from './plan.ts';
import type { Routing } from './routes.ts';

/** What the lines of one topology are made from. */
export interface Fabric {
  topology: Topology;
  edges: readonly EdgeLink[];
  trunks: readonly TrunkLink[];
  routing: Routing;
}

/** One line a link: both ends are created in their namespaces, with their final names. */
export function createLinks(links: readonly PlannedLink[]): Batch {
  const end = (side: LinkEnd, mtu: number) =>
    `name ${side.interface} netns ${side.node} mtu ${mtu} address ${side.mac}`;
  return {
    tool: 'ip',
    lines: links.map(
      ({ a, b, forward: { mtu = DEFAULT_MTU } }) => `link add ${end(b, mtu)} type veth peer ${end(a, mtu)}`,
    ),
  };
}

const neighbour = (address: string, mac: string, dev: string) =>
  `neigh replace ${withoutPrefix(address)} lladdr ${mac} nud permanent dev ${dev}`;

/** A zone: a bridge whose ports are its hosts, and routes over its trunks. */
export function configureZone(zone: Zone, edges: readonly EdgeLink[], fabric: Fabric): Batch {
  const mtu = edges[0]?.forward.mtu ?? DEFAULT_MTU;
  const answersArp = edges.length > MAX_FULL_NEIGHBOURS ? ' proxy_arp on' : '';
  const prefix = zone.subnet.split('/')[1];
  return {
    namespace: zone.name,
    tool: 'ip',
    lines: [
      'link set dev lo up',
      `link add name ${BRIDGE} mtu ${mtu} address ${macOf(zone.gateway)} type bridge stp_state 0 mcast_snooping 0`,
      ...edges.flatMap(({ b: port }) => [
        `link set dev ${port.interface} master ${BRIDGE}`,
        // Every host's place is known beforehand: a frame for somebody else, or for nobody, never reaches an edge.
        `link set dev ${port.interface} type bridge_slave learning off flood off mcast_flood off${answersArp}`,
        `link set dev ${port.interface} up`,
      ]),
      `address add ${zone.gateway}/${prefix} dev ${BRIDGE}`,
      `link set dev ${BRIDGE} up`,
      ...edges.map(({ a: host }) => neighbour(host.address, host.mac, BRIDGE)),
      ...routedPorts(zone.name, fabric),
    ],
  };
}

/** A router: nothing but trunks and routes. */
export function configureRouter(name: string, fabric: Fabric): Batch {
  return { namespace: name, tool: 'ip', lines: ['link set dev lo up', ...routedPorts(name, fabric)] };
}

/** Addresses of a node's trunks, then its route to every zone but itself. */
function routedPorts(node: string, { topology, trunks, routing }: Fabric): string[] {
  const ports = trunks.flatMap(({ a, b }) => {
    if (a.node === node) return [{ own: a, peer: b }];
    return b.node === node ? [{ own: b, peer: a }] : [];
  });
  const peers = new Map(ports.map(({ peer }) => [peer.node, peer]));
  return [
    ...ports.flatMap(({ own, peer }) => [
      `address add ${own.address} dev ${own.interface}`,
      `link set dev ${own.interface} up`,
      neighbour(peer.address, peer.mac, own.interface),
    ]),
    ...topology.zones
      .filter((zone) => zone.name !== node)
      .map((zone) => {
        const peer = peers.get(routing.nextHop(node, zone.name))!;
        return `route add ${zone.subnet} via ${withoutPrefix(peer.address)} dev ${peer.node}`;
      }),
  ];
}

/** A host: one interface, everything beyond its zone through the gateway. */
export function configureHost(host: Host, zone: Zone, edge: EdgeLink, zoneEdges: readonly EdgeLink[]): Batch {
  const others = zoneEdges.length > MAX_FULL_NEIGHBOURS ? [] : zoneEdges.filter((other) => other !== edge);
  return {
    namespace: host.name,
    tool: 'ip',
    lines: [
      'link set dev lo up',
      `address add ${edge.a.address} dev ${HOST_INTERFACE}`,
      `link set dev ${HOST_INTERFACE} up`,
      `route add default via ${zone.gateway}`,
      neighbour(zone.gateway, macOf(zone.gateway), HOST_INTERFACE),
      ...others.map(({ a }) => neighbour(a.address, a.mac, HOST_INTERFACE)),
    ],
  };
}

/** Which port leads to which host. */
export function fillForwardingTable(zone: Zone, edges: readonly EdgeLink[]): Batch {
  return {
    namespace: zone.name,
    tool: 'bridge',
    lines: edges.map(({ a, b }) => `fdb replace ${a.mac} dev ${b.interface} master static`),
  };
}

/** The rates of the link ends in one namespace. */
export function shape(node: string, ends: readonly { end: LinkEnd; properties: LinkProperties }[]): Batch {
  return {
    namespace: node,
    tool: 'tc',
    lines: ends.flatMap(({ end, properties }) => {
      const tbf = tokenBucket(properties);
      return tbf
        ? [`qdisc replace dev ${end.interface} root tbf rate ${tbf.rate}bit burst ${tbf.burst} limit ${tbf.limit}`]
        : [];
    }),
  };
}

/** The token bucket for a link: its rate in bit/s, what it may send at once and what may wait, in bytes; `undefined` without a rate. */
export function tokenBucket(properties: LinkProperties): { rate: number; burst: number; limit: number } | undefined {
  const { rate, queue, mtu = DEFAULT_MTU } = properties;
  if (rate === undefined) return undefined;
  const bytesIn = (ms: number) => Math.ceil((rate / 8) * (ms / 1000));
  const burst = Math.max(TBF_BURST_FRAMES * frameBytes(mtu), bytesIn(TBF_BURST_TIME));
  const limit = queue ?? Math.max(MIN_QUEUE_FRAMES * frameBytes(mtu), bytesIn(DEFAULT_QUEUE_TIME));
  return { rate, burst, limit };
}
