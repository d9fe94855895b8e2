import { type Path, suggestion } from '../../src/document/index.ts';
import { assignAddresses } from './addresses.ts';
import { DEFAULT_MTU } from './constants.ts';
import { linkName } from './links.ts';
import type { Problems } from './problems.ts';
import { type Layer, mergeLayers } from './properties.ts';
import type { Edge, TopologyFile, TrunkDeclaration } from './schema.ts';
import type { Shaped } from './shapes.ts';
import type { Host, LinkProperties, Router, Topology, Trunk, Zone } from './topology.ts';

/** The underlay: what is there, and what joins it. */
export type Network = Pick<Topology, 'zones' | 'routers' | 'hosts' | 'trunks'>;

/** Resolves the declared underlay: names unique, addresses given, defaults filled in, everything joined. */
export function readNetwork(declared: Shaped, defaults: TopologyFile['defaults'], problems: Problems): Network {
  checkNames(declared, problems);
  const addresses = assignAddresses(declared.zones, problems);
  const zones: Zone[] = [...addresses].map(([name, { subnet, gateway }]) => ({ name, subnet, gateway }));
  const hosts = Object.entries(declared.zones).flatMap(([zone, { hosts: inZone, edge }]) =>
    Object.entries(inZone).map(([name, details]): Host => {
      const host = typeof details === 'string' ? { role: details } : details;
      const layers: EdgeLayer[] = [
        { path: ['defaults', 'edge'], edge: defaults.edge },
        { path: ['zones', zone, 'edge'], edge },
        { path: ['zones', zone, 'hosts', name, 'edge'], edge: host.edge },
      ];
      return {
        name,
        zone,
        role: host.role,
        address: addresses.get(zone)?.hosts.get(name) ?? '',
        up: mergeLayers(edgeLayers(layers, 'up'), problems),
        down: mergeLayers(edgeLayers(layers, 'down'), problems),
        ...(host.run && { run: host.run }),
      };
    }),
  );
  checkOneMtuInZone(hosts, problems);
  const routers: Router[] = declared.routers.map((name) => ({ name }));
  const trunks = readTrunks(declared, defaults.trunk, problems);
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

/** Zones, routers and hosts share one set of names: each is a namespace, and names the interfaces that lead to it. */
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
  for (const [zone, { hosts }] of Object.entries(declared.zones)) {
    see(zone, 'a zone', ['zones', zone], true);
    for (const host of Object.keys(hosts)) see(host, 'a host', ['zones', zone, 'hosts', host], true);
  }
  for (const [index, router] of declared.routers.entries()) see(router, 'a router', ['routers', index], false);
}

function readTrunks(declared: Shaped, defaults: TopologyFile['defaults']['trunk'], problems: Problems): Trunk[] {
  const switches = [...Object.keys(declared.zones), ...declared.routers];
  const seen = new Map<string, number>();
  return declared.trunks.flatMap((trunk, index): Trunk[] => {
    const path: Path = ['trunks', index];
    const [a, b] = trunk.between;
    const known = [a, b].map((end, side) => {
      if (switches.includes(end)) return true;
      const host = Object.values(declared.zones).some((zone) => Object.hasOwn(zone.hosts, end));
      const message = host ? `"${end}" is a host: trunks join zones and routers` : `unknown zone or router "${end}"`;
      problems.at([...path, 'between', side], `${message}${suggestion(end, switches)}`);
      return false;
    });
    for (const end of Object.keys(trunk.toward ?? {})) {
      if (end !== a && end !== b) {
        problems.atKey([...path, 'toward', end], `"${end}" is no end of this trunk${suggestion(end, [a, b])}`);
      }
    }
    if (known.includes(false)) return [];
    if (a === b) {
      problems.at([...path, 'between'], `a trunk from ${a} to itself: name two different zones or routers`);
      return [];
    }
    const first = seen.get(linkName(a, b)) ?? seen.get(linkName(b, a));
    if (first !== undefined) {
      const line = problems.line(['trunks', first]);
      problems.at([...path, 'between'], `a second trunk between ${a} and ${b}: the first is on line ${line}`);
      return [];
    }
    seen.set(linkName(a, b), index);
    const oneWay = (to: string): LinkProperties =>
      mergeLayers(
        [
          { path: ['defaults', 'trunk'], properties: defaults },
          { path, properties: withoutEnds(trunk) },
          { path: [...path, 'toward', to], properties: trunk.toward?.[to] ?? {} },
        ],
        problems,
      );
    return [{ a, b, forward: oneWay(b), backward: oneWay(a) }];
  });
}

function withoutEnds({ between: _, toward: __, ...properties }: TrunkDeclaration): Layer['properties'] {
  return properties;
}

/** A bridge forwards frames whole: one L2 network has one MTU. */
function checkOneMtuInZone(hosts: readonly Host[], problems: Problems): void {
  const first = new Map<string, Host>();
  for (const host of hosts) {
    const other = first.get(host.zone) ?? host;
    first.set(host.zone, other);
    const [mine, theirs] = [host, other].map((of) => of.up.mtu ?? DEFAULT_MTU);
    if (mine !== theirs) {
      const message = `an mtu of ${mine} beside ${theirs} at ${other.name}: the edges of a zone are one L2 network and share one mtu`;
      problems.at(['zones', host.zone, 'hosts', host.name, 'edge', 'mtu'], message);
    }
  }
}

function checkConnected({ zones, routers, trunks }: Omit<Network, 'hosts'>, problems: Problems): void {
  const start = zones[0];
  if (!start) return;
  const reached = new Set([start.name]);
  for (const node of reached) {
    for (const { a, b } of trunks) {
      if (a === node) reached.add(b);
      if (b === node) reached.add(a);
    }
  }
  const message = (name: string) =>
    `no trunk leads from ${start.name} to ${name}: join it with trunks: - { between: [${start.name}, ${name}] }`;
  for (const { name } of zones) if (!reached.has(name)) problems.atKey(['zones', name], message(name));
  for (const [index, { name }] of routers.entries())
    if (!reached.has(name)) problems.at(['routers', index], message(name));
}
