import type { Path } from '../../src/document/index.ts';
import { assignAddresses } from './addresses.ts';
import { DEFAULT_MTU } from './constants.ts';
import type { Edge } from './link-schema.ts';
import type { Problems } from './problems.ts';
import { type Layer, mergeLayers } from './properties.ts';
import type { TopologyFile } from './schema.ts';
import type { Shaped } from './shapes.ts';
import { readSwitches } from './switches.ts';
import type { Host, Router, Topology, Zone } from './topology.ts';
import { checkConnected, isSwitched, readTrunks, zonesBySwitch } from './trunks.ts';

/** The underlay: what is there, and what joins it. */
export type Network = Pick<Topology, 'zones' | 'routers' | 'hosts' | 'trunks'>;

/** Resolves the declared underlay: names unique, addresses given, defaults filled in, everything joined. */
export function readNetwork(declared: Shaped, defaults: TopologyFile['defaults'], problems: Problems): Network {
  checkNames(declared, problems);
  const addresses = assignAddresses(declared.zones, problems);
  const switches = new Map(
    Object.entries(declared.zones).map(([name, zone]) => [name, readSwitches(name, zone, problems)]),
  );
  const zones: Zone[] = [...addresses].map(([name, { subnet, gateway }]) => ({
    name,
    subnet,
    gateway,
    switches: switches.get(name)!.names,
    ...(declared.zones[name]!.native && { native: true }),
  }));
  for (const { name, switches: names, native } of zones) {
    if (!native || names.length === 1) continue;
    const message = `a native zone has one switch, not ${names.length}: multicast would go round between them`;
    problems.at(['zones', name, 'native'], message);
  }
  const hosts = Object.entries(declared.zones).flatMap(([zone, { hosts: inZone, edge }]) =>
    Object.entries(inZone).map(([name, details]): Host => {
      const host = typeof details === 'string' ? { role: details } : details;
      if (host.gateway && (host.run || host.role === 'none')) {
        const why = host.run ? 'its own program runs in place of one' : 'it has the role none';
        problems.at(['zones', zone, 'hosts', name, 'gateway'], `"${name}" has no MRouter to be a gateway: ${why}`);
      }
      const layers: EdgeLayer[] = [
        { path: ['defaults', 'edge'], edge: defaults.edge },
        { path: ['zones', zone, 'edge'], edge },
        { path: ['zones', zone, 'hosts', name, 'edge'], edge: host.edge },
      ];
      return {
        name,
        zone,
        switch: switches.get(zone)!.at.get(name)!,
        role: host.role,
        address: addresses.get(zone)?.hosts.get(name) ?? '',
        up: mergeLayers(edgeLayers(layers, 'up'), problems),
        down: mergeLayers(edgeLayers(layers, 'down'), problems),
        ...(host.gateway && { gateway: host.gateway }),
        ...(host.run && { run: host.run }),
      };
    }),
  );
  const routers: Router[] = declared.routers.map((name) => ({ name }));
  const trunks = readTrunks(declared, zones, defaults.trunk, problems);
  checkOneMtuInZone({ zones, hosts, trunks }, problems);
  checkConnected({ zones, routers, trunks }, problems);
  return { zones, routers, hosts, trunks };
}

interface EdgeLayer {
  path: Path;
  edge: Edge | undefined;
}

/** What one direction of an edge is made of: in each layer what holds both ways, then what holds this way only. */
function edgeLayers(layers: readonly EdgeLayer[], way: 'up' | 'down'): Layer[] {
  return layers.flatMap(({ path, edge }) => [
    { path, properties: edge ?? {} },
    { path: [...path, way], properties: edge?.[way] ?? {} },
  ]);
}

/** Zones, switches, routers and hosts share one set of names: each is a namespace, and names the interfaces that lead to it. */
function checkNames(declared: Shaped, problems: Problems): void {
  const seen = new Map<string, { kind: string; path: Path; isKey: boolean }>();
  const see = (name: string, kind: string, path: Path, isKey: boolean) => {
    const first = seen.get(name);
    if (!first) seen.set(name, { kind, path, isKey });
    else {
      const message = `duplicate name "${name}": ${first.kind} of that name is declared on line ${problems.line(first.path, first.isKey)}`;
      if (isKey) problems.atKey(path, message);
      else problems.at(path, message);
    }
  };
  for (const [zone, { hosts, switches = {} }] of Object.entries(declared.zones)) {
    see(zone, 'a zone', ['zones', zone], true);
    for (const name of Object.keys(switches)) see(name, 'a switch', ['zones', zone, 'switches', name], true);
    for (const host of Object.keys(hosts)) see(host, 'a host', ['zones', zone, 'hosts', host], true);
  }
  for (const [index, router] of declared.routers.entries()) see(router, 'a router', ['routers', index], false);
}

/** A bridge forwards frames whole: one L2 network has one MTU. */
function checkOneMtuInZone({ zones, hosts, trunks }: Omit<Network, 'routers'>, problems: Problems): void {
  const first = new Map<string, { mtu: number; at: string }>();
  const check = (zone: string, at: string, mtu: number, path: Path) => {
    const other = first.get(zone);
    if (!other) first.set(zone, { mtu, at });
    else if (other.mtu !== mtu) {
      const message = `an mtu of ${mtu} beside ${other.mtu} at ${other.at}: the links inside a zone are one L2 network and share one mtu`;
      problems.at(path, message);
    }
  };
  for (const { name, zone, up } of hosts) {
    check(zone, name, up.mtu ?? DEFAULT_MTU, ['zones', zone, 'hosts', name, 'edge', 'mtu']);
  }
  const zoneOf = zonesBySwitch(zones);
  for (const [index, trunk] of trunks.entries()) {
    if (!isSwitched(trunk, zoneOf)) continue;
    check(zoneOf.get(trunk.a)!.name, `${trunk.a}--${trunk.b}`, trunk.forward.mtu ?? DEFAULT_MTU, [
      'trunks',
      index,
      'mtu',
    ]);
  }
}
