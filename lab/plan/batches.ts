import { formatIpv4, nativeGroupAddress } from '../../src/overlay/index.ts';
import { macOf, type Topology, type Zone } from '../topology/index.ts';
import { type EdgeLink, isEdge, isRouted, withoutPrefix } from './addressing.ts';
import { groupIds } from './cluster-map.ts';
import {
  BRIDGE,
  COUNTING_QUEUE,
  DEFAULT_MTU,
  FIRST_INTERFACE,
  HOST_INTERFACE,
  MAX_FULL_NEIGHBOURS,
} from './constants.ts';
import type { Batch, LinkEnd, PlannedLink } from './plan.ts';
import type { Routing } from './routes.ts';
import { shapingLines } from './shaping.ts';

/** One link as one of its ends sees it. */
export interface Port {
  link: PlannedLink;
  own: LinkEnd;
  peer: LinkEnd;
}

/** What the lines of one topology are made from. */
export interface Fabric {
  topology: Topology;
  routing: Routing;
  /** Of every namespace, in the order of the links. */
  ports: ReadonlyMap<string, readonly Port[]>;
  /** Edge links by zone, in the order of the hosts. */
  edges: ReadonlyMap<string, readonly EdgeLink[]>;
}

const mtuOf = ({ forward: { mtu = DEFAULT_MTU } }: PlannedLink): number => mtu;

/** One line a link: both ends are created in their namespaces, with their final names. The ends of wires exist already. */
export function createLinks(links: readonly PlannedLink[]): Batch {
  const end = (side: LinkEnd, mtu: number) =>
    `name ${side.interface} netns ${side.node} mtu ${mtu} address ${side.mac}`;
  return {
    tool: 'ip',
    lines: links.flatMap((link, i) =>
      link.backend === 'wire'
        ? []
        : [
            `link add index ${FIRST_INTERFACE + i} ${end(link.b, mtuOf(link))} type veth peer ${end(link.a, mtuOf(link))}`,
          ],
    ),
  };
}

/** The end of a wire gets what a veth end is created with. */
const adoptWires = (ports: readonly Port[]): string[] =>
  ports
    .filter(({ link }) => link.backend === 'wire')
    .map(({ link, own }) => `link set dev ${own.interface} mtu ${mtuOf(link)} address ${own.mac}`);

const neighbour = (address: string, mac: string, dev: string) =>
  `neigh replace ${withoutPrefix(address)} lladdr ${mac} nud permanent dev ${dev}`;

/** A switch: a bridge whose ports are its hosts and the trunks inside its zone; the first of a zone is also its router. */
export function configureSwitch(name: string, zone: Zone, fabric: Fabric): Batch {
  const ports = fabric.ports.get(name) ?? [];
  const hosts = fabric.edges.get(zone.name) ?? [];
  const isGateway = zone.switches[0] === name;
  const answersArp = hosts.length > MAX_FULL_NEIGHBOURS;
  const bridged = ports.filter(({ link }) => !isRouted(link));
  const mtu = mtuOf(hosts[0] ?? bridged[0]?.link ?? ({ forward: {} } as PlannedLink));
  const address = isGateway ? ` address ${macOf(zone.gateway)}` : '';
  return {
    namespace: name,
    tool: 'ip',
    lines: [
      'link set dev lo up',
      ...adoptWires(ports),
      `link add name ${BRIDGE} mtu ${mtu}${address} type bridge stp_state 0 ${multicast(zone)}`,
      ...bridged.flatMap(({ link, own }) => [
        `link set dev ${own.interface} master ${BRIDGE}`,
        `link set dev ${own.interface} type bridge_slave ${portFlags(link, answersArp)}`,
        `link set dev ${own.interface} up`,
      ]),
      ...(isGateway ? [`address add ${zone.gateway}/${zone.subnet.split('/')[1]} dev ${BRIDGE}`] : []),
      `link set dev ${BRIDGE} up`,
      // Only from now on: a querier that begins before its bridge is up does not count.
      ...(zone.native ? [`link set dev ${BRIDGE} type bridge mcast_querier 1`] : []),
      ...(isGateway || answersArp ? hosts.map(({ a: host }) => neighbour(host.address, host.mac, BRIDGE)) : []),
      ...(isGateway ? routes(name, fabric) : []),
    ],
  };
}

/**
 * Every host's place is known beforehand: a frame for somebody else, or for nobody, never reaches an edge. Inside a zone trunks may form
 * a ring, so that a broadcast would never end.
 */
function portFlags({ kind }: PlannedLink, answersArp: boolean): string {
  const flags = 'learning off flood off mcast_flood off';
  return `${flags}${kind === 'trunk' ? ' bcast_flood off' : ''}${answersArp ? ' proxy_arp on' : ''}`;
}

/** A router: nothing but trunks and routes. */
export function configureRouter(name: string, fabric: Fabric): Batch {
  const ports = fabric.ports.get(name) ?? [];
  return { namespace: name, tool: 'ip', lines: ['link set dev lo up', ...adoptWires(ports), ...routes(name, fabric)] };
}

/** Addresses of a node's routed trunks, then its route to every zone but itself. */
function routes(node: string, { topology, ports, routing }: Fabric): string[] {
  const routed = (ports.get(node) ?? []).filter(({ link }) => isRouted(link));
  const peers = new Map(routed.map(({ peer }) => [peer.node, peer]));
  return [
    ...routed.flatMap(({ own, peer }) => [
      `address add ${own.address} dev ${own.interface}`,
      `link set dev ${own.interface} up`,
      neighbour(peer.address!, peer.mac, own.interface),
    ]),
    ...topology.zones
      .filter((zone) => zone.switches[0] !== node)
      .map((zone) => {
        const peer = peers.get(routing.nextHop(node, zone.switches[0]!))!;
        return `route add ${zone.subnet} via ${withoutPrefix(peer.address!)} dev ${peer.node}`;
      }),
  ];
}

/** A host: one interface, everything beyond its zone through the gateway. */
export function configureHost(name: string, zone: Zone, fabric: Fabric): Batch {
  const hosts = fabric.edges.get(zone.name)!;
  const edge = hosts.find(({ a }) => a.node === name)!;
  const others = hosts.length > MAX_FULL_NEIGHBOURS ? [] : hosts.filter((other) => other !== edge);
  return {
    namespace: name,
    tool: 'ip',
    lines: [
      'link set dev lo up',
      ...adoptWires(fabric.ports.get(name)!),
      `address add ${edge.a.address} dev ${HOST_INTERFACE}`,
      `link set dev ${HOST_INTERFACE} up`,
      `route add default via ${zone.gateway}`,
      neighbour(zone.gateway, macOf(zone.gateway), HOST_INTERFACE),
      ...others.map(({ a }) => neighbour(a.address, a.mac, HOST_INTERFACE)),
    ],
  };
}

/**
 * A bridge goes by its table of multicast groups only while it snoops and there is a querier on the link. That is the bridge itself, at once:
 * no time for answers, because the table does not depend on any.
 */
const multicast = ({ native }: Zone): string =>
  native ? 'mcast_snooping 1 mcast_query_response_interval 0' : 'mcast_snooping 0';

/** Which ports of the switch of a native zone the underlay group of each negotiating group leads to: those of its members. */
export function fillGroupTable(name: string, zone: Zone, { topology, edges }: Fabric): Batch {
  const ids = groupIds(topology.overlay.groups);
  const groups = zone.native ? Object.entries(topology.overlay.groups) : [];
  return {
    namespace: name,
    tool: 'bridge',
    lines: groups.flatMap(([group, members]) => {
      const address = formatIpv4(nativeGroupAddress({ id: ids.get(group)! }));
      return (edges.get(zone.name) ?? [])
        .filter(({ a }) => members.includes(a.node))
        .map(({ b }) => `mdb add dev ${BRIDGE} port ${b.interface} grp ${address} permanent`);
    }),
  };
}

/** Which port of a switch leads to which host, and to the gateway. */
export function fillForwardingTable(name: string, zone: Zone, { edges, routing }: Fabric): Batch {
  const entry = (mac: string, port: string) => `fdb replace ${mac} dev ${port} master static`;
  const gateway = zone.switches[0]!;
  return {
    namespace: name,
    tool: 'bridge',
    lines: [
      ...(gateway === name ? [] : [entry(macOf(zone.gateway), routing.nextSwitch(name, gateway))]),
      ...(edges.get(zone.name) ?? []).map(({ a, b }) =>
        entry(a.mac, b.node === name ? b.interface : routing.nextSwitch(name, a.node)),
      ),
    ],
  };
}

/** What tc does to the link ends in one namespace. */
export function shape(node: string, { ports, topology }: Fabric): Batch {
  return {
    namespace: node,
    tool: 'tc',
    lines: (ports.get(node) ?? []).flatMap(({ link, own }) => {
      // A queue counts single datagrams also where many pass at a time; an interface does not.
      if (topology.observe === 'counters' && link.backend === 'veth') {
        return [`qdisc replace dev ${own.interface} root pfifo limit ${COUNTING_QUEUE}`];
      }
      return shapingLines(own.interface, {}, own === link.a ? link.forward : link.backward, link.backend);
    }),
  };
}

/** The ports of every namespace, and the edge links of every zone. */
export function indexLinks(topology: Topology, links: readonly PlannedLink[]): Pick<Fabric, 'ports' | 'edges'> {
  const ports = new Map<string, Port[]>();
  const edges = new Map<string, EdgeLink[]>();
  const add = <T>(map: Map<string, T[]>, key: string, item: T) => {
    const known = map.get(key);
    if (known) known.push(item);
    else map.set(key, [item]);
  };
  for (const link of links) {
    add(ports, link.a.node, { link, own: link.a, peer: link.b });
    add(ports, link.b.node, { link, own: link.b, peer: link.a });
  }
  const zoneOf = new Map(topology.hosts.map((host) => [host.name, host.zone]));
  for (const link of links) if (isEdge(link)) add(edges, zoneOf.get(link.a.node)!, link);
  return { ports, edges };
}
