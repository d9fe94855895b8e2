import { type Host, linkDirections, macOf, smallestMtu, type Topology } from '../topology/index.ts';
import { type EdgeLink, planLinks } from './addressing.ts';
import {
  configureHost,
  configureRouter,
  configureZone,
  createLinks,
  type Fabric,
  fillForwardingTable,
  shape,
} from './batches.ts';
import { clusterMap } from './cluster-map.ts';
import { EVENTS_FD } from './constants.ts';
import type { LinkEnd, Plan, PlannedNamespace, PlannedNode } from './plan.ts';
import { Routing } from './routes.ts';
import { sysctlsOf } from './tuning.ts';

/** Everything that has to be done to build a topology: the same text for the same topology, down to the byte. */
export function compile(topology: Topology): Plan {
  const { edges, trunks } = planLinks(topology);
  const fabric: Fabric = { topology, edges, trunks, routing: new Routing(topology) };
  const edgesOf = groupBy(edges, (edge) => edge.b.node);
  const edgeOf = new Map(edges.map((edge) => [edge.a.node, edge]));
  const zoneOf = new Map(topology.zones.map((zone) => [zone.name, zone]));
  const links = [...edges, ...trunks];
  const namespaces = planNamespaces(topology);
  const ends = groupBy(
    links.flatMap(({ a, b, forward, backward }) => [
      { end: a, properties: forward },
      { end: b, properties: backward },
    ]),
    ({ end }: { end: LinkEnd }) => end.node,
  );
  const inZone = (zone: string): EdgeLink[] => edgesOf.get(zone) ?? [];
  const batches = [
    createLinks(links),
    ...topology.zones.map((zone) => configureZone(zone, inZone(zone.name), fabric)),
    ...topology.routers.map(({ name }) => configureRouter(name, fabric)),
    ...topology.hosts.map((host) =>
      configureHost(host, zoneOf.get(host.zone)!, edgeOf.get(host.name)!, inZone(host.zone)),
    ),
    ...topology.zones.map((zone) => fillForwardingTable(zone, inZone(zone.name))),
    ...namespaces.map(({ name }) => shape(name, ends.get(name) ?? [])),
  ].filter((batch) => batch.lines.length > 0);
  return { topology, namespaces, links, batches, nodes: planNodes(topology), clusterMap: clusterMap(topology) };
}

function planNamespaces({ zones, routers, hosts }: Topology): PlannedNamespace[] {
  const planned =
    (kind: PlannedNamespace['kind']) =>
    ({ name }: { name: string }) => ({ name, kind, sysctls: sysctlsOf(kind) });
  return [...zones.map(planned('zone')), ...routers.map(planned('router')), ...hosts.map(planned('host'))];
}

/** Hosts that run something. The MTU is the one that every link carries: the overlay must not rely on fragmentation. */
function planNodes(topology: Topology): PlannedNode[] {
  const mtu = smallestMtu(linkDirections(topology));
  const { chunkSize, capacity } = topology.overlay;
  const isReplicast = (host: Host) => host.role === 'target' || host.role === 'initiator';
  return topology.hosts
    .filter((host) => host.role !== 'none' || host.run)
    .map((host) => ({
      name: host.name,
      role: host.role,
      config: {
        name: host.name,
        role: host.role,
        zone: host.zone,
        underlay: host.address,
        mac: macOf(host.address),
        mtu,
        ...(host.run ? { run: host.run } : { events: { fd: EVENTS_FD, datagrams: true } }),
        ...(isReplicast(host) && { replicast: { chunkSize, capacity } }),
      },
    }));
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
