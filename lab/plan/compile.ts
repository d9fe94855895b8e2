import { type Host, linkDirections, macOf, smallestMtu, type Topology } from '../topology/index.ts';
import { addressLinks } from './addressing.ts';
import { chooseBackends, type LinkOptions } from './backends.ts';
import {
  configureHost,
  configureRouter,
  configureSwitch,
  createLinks,
  type Fabric,
  fillForwardingTable,
  fillGroupTable,
  indexLinks,
  shape,
} from './batches.ts';
import { clusterMap } from './cluster-map.ts';
import { EVENTS_FD } from './constants.ts';
import type { Plan, PlannedLink, PlannedNamespace, PlannedNode } from './plan.ts';
import { Routing } from './routes.ts';
import { planRules } from './rules.ts';
import { fillCommand } from './templates.ts';
import { sysctlsOf } from './tuning.ts';

/**
 * Everything that has to be done to build a topology: the same text for the same topology and options, down to the byte.
 * @param options decide what links are built of, where there is a choice
 */
export function compile(topology: Topology, options: LinkOptions = {}): Plan {
  const links = planLinks(topology, options);
  const fabric: Fabric = { topology, routing: new Routing(topology), ...indexLinks(topology, links) };
  const zoneOf = new Map(topology.zones.map((zone) => [zone.name, zone]));
  const switches = topology.zones.flatMap((zone) => zone.switches.map((name) => ({ name, zone })));
  const namespaces = planNamespaces(topology);
  const batches = [
    createLinks(links),
    ...switches.map(({ name, zone }) => configureSwitch(name, zone, fabric)),
    ...topology.routers.map(({ name }) => configureRouter(name, fabric)),
    ...topology.hosts.map((host) => configureHost(host.name, zoneOf.get(host.zone)!, fabric)),
    ...switches.map(({ name, zone }) => fillForwardingTable(name, zone, fabric)),
    ...switches.map(({ name, zone }) => fillGroupTable(name, zone, fabric)),
    ...namespaces.map(({ name }) => shape(name, fabric)),
  ].filter((batch) => batch.lines.length > 0);
  return { topology, namespaces, links, batches, nodes: planNodes(topology), clusterMap: clusterMap(topology) };
}

function planLinks(topology: Topology, options: LinkOptions): PlannedLink[] {
  const backends = chooseBackends(topology, options);
  const declared = [...topology.hosts, ...topology.trunks];
  return addressLinks(topology).map((link, index): PlannedLink => {
    const ends = { a: link.a.node, b: link.b.node, rules: declared[index]!.rules };
    const rules = planRules(ends, topology.overlay.groups);
    return { ...link, backend: backends.get(link.name) ?? 'veth', ...(rules && { rules }) };
  });
}

function planNamespaces({ zones, routers, hosts }: Topology): PlannedNamespace[] {
  const planned =
    (kind: PlannedNamespace['kind']) =>
    ({ name }: { name: string }) => ({ name, kind, sysctls: sysctlsOf(kind) });
  const switches = zones.flatMap((zone) => zone.switches.map((name) => ({ name })));
  return [...switches.map(planned('zone')), ...routers.map(planned('router')), ...hosts.map(planned('host'))];
}

/**
 * bit/s that Replicast may use on a host's link. What a target offers is the topology's; an initiator may send several copies at that rate,
 * as far as its own link carries them, and the slowest trunk: all of them may have to cross the same one.
 */
function capacityOf({ role, up, down }: Host, { overlay, trunks }: Topology): number {
  const offered = overlay.capacity;
  if (role !== 'initiator') return offered;
  const links = [up, down, ...trunks.flatMap(({ forward, backward }) => [forward, backward])];
  const rates = links.flatMap(({ rate }) => rate ?? []);
  return rates.length === 0 ? offered : Math.max(offered, Math.min(...rates));
}

/** Hosts that run something. The MTU is the one that every link carries: the overlay must not rely on fragmentation. */
function planNodes(topology: Topology): PlannedNode[] {
  const mtu = smallestMtu(linkDirections(topology));
  const { chunkSize, replicast } = topology.overlay;
  const isReplicast = (host: Host) => host.role === 'target' || host.role === 'initiator';
  return topology.hosts
    .filter((host) => host.role !== 'none' || host.run)
    .map((host) => ({
      name: host.name,
      role: host.role,
      ...(host.run && { run: fillCommand(host.run, topology) }),
      config: {
        name: host.name,
        role: host.role,
        zone: host.zone,
        underlay: host.address,
        mac: macOf(host.address),
        mtu,
        ...(!host.run && { events: { fd: EVENTS_FD, datagrams: true } }),
        ...(host.gateway && { gateway: { interface: host.gateway } }),
        ...(isReplicast(host) && { replicast: { chunkSize, capacity: capacityOf(host, topology), ...replicast } }),
      },
    }));
}
