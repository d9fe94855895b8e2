import { suggestion } from '../../src/document/index.ts';
import { LEAST_TUNNEL_QUEUE } from '../../src/overlay/index.ts';
import { DEFAULT_CAPACITY, MAX_CHUNK_SIZE, MAX_GROUP_MEMBERS, MIN_CHUNK_SIZE } from './constants.ts';
import { type LinkDirection, linkDirections } from './links.ts';
import type { Network } from './network.ts';
import type { Problems } from './problems.ts';
import type { OverlayDeclaration } from './schema.ts';
import type { Overlay, ReplicastOptions, Role, Tunnel, Via } from './topology.ts';
import { formatSize } from './units.ts';

/** Resolves the overlay section: groups of existing targets, vias without cycles, defaults. */
export function readOverlay(declared: OverlayDeclaration, network: Network, problems: Problems): Overlay {
  const chunkSize = declared['chunk-size'];
  if (chunkSize < MIN_CHUNK_SIZE || chunkSize > MAX_CHUNK_SIZE) {
    const range = `between ${formatSize(MIN_CHUNK_SIZE)} and ${formatSize(MAX_CHUNK_SIZE)}`;
    problems.at(['overlay', 'chunk-size'], `a chunk of ${formatSize(chunkSize)}: ${range} are possible`);
  }
  const rates = requestLinks(network).flatMap(({ properties }) => properties.rate ?? []);
  return {
    groups: readGroups(declared.groups, network, problems),
    vias: readVias(declared.vias, network, problems),
    tunnel: declared.tunnel,
    tunnels: readTunnels(declared.tunnels, network, problems),
    port: declared.port,
    relay: declared.relay,
    chunkSize,
    replicast: readReplicast(declared.replicast),
    capacity: declared.capacity ?? rates.reduce((least, rate) => Math.min(least, rate), rates[0] ?? DEFAULT_CAPACITY),
  };
}

function readReplicast(declared: OverlayDeclaration['replicast']): ReplicastOptions {
  const { 'choosy-factor': choosyFactor, 'in-flight': inFlight, mode, choosy, repair } = declared;
  return {
    ...(mode && { mode }),
    ...(choosy !== undefined && { choosy }),
    ...(choosyFactor !== undefined && { choosyFactor }),
    ...(repair && { repair }),
    ...(inFlight !== undefined && { inFlight }),
  };
}

/** The link directions that the data of a put may take: from an initiator, over trunks, to a target. */
function requestLinks(network: Network): LinkDirection[] {
  const withRole = (role: Role) => new Set(network.hosts.filter((host) => host.role === role).map((host) => host.name));
  const initiators = withRole('initiator');
  const targets = withRole('target');
  return linkDirections(network).filter(
    ({ kind, from, to }) => kind === 'trunk' || initiators.has(from) || targets.has(to),
  );
}

function readGroups(
  declared: OverlayDeclaration['groups'],
  { hosts }: Network,
  problems: Problems,
): Record<string, string[]> {
  const targets = hosts.filter((host) => host.role === 'target').map((host) => host.name);
  if (!declared) {
    const groups: Record<string, string[]> = {};
    for (let first = 0; first < targets.length; first += MAX_GROUP_MEMBERS) {
      groups[`ng${first / MAX_GROUP_MEMBERS + 1}`] = targets.slice(first, first + MAX_GROUP_MEMBERS);
    }
    return groups;
  }
  // A host with only an MRouter is a target of the overlay where a group names it; Replicast leaves that group alone.
  const known = new Set(hosts.filter(({ role }) => role === 'target' || role === 'mrouter').map(({ name }) => name));
  for (const [group, members] of Object.entries(declared)) {
    for (const [bit, member] of members.entries()) {
      const path = ['overlay', 'groups', group, bit];
      const host = hosts.find((candidate) => candidate.name === member);
      if (!host) problems.at(path, `unknown host "${member}"${suggestion(member, targets)}`);
      else if (!known.has(member)) {
        problems.at(path, `"${member}" is no target (its role is ${host.role}): a group lists targets`);
      } else if (members.indexOf(member) < bit) problems.at(path, `"${member}" is in group ${group} twice`);
    }
  }
  return declared;
}

function readVias(vias: readonly Via[], { zones, hosts }: Network, problems: Problems): Via[] {
  const names = zones.map((zone) => zone.name);
  const table = new Map<string, Via>();
  const sound: { via: Via; index: number }[] = [];
  for (const [index, via] of vias.entries()) {
    const path = ['overlay', 'vias', index];
    const unknown = (['from', 'to', 'via'] as const).filter((field) => !names.includes(via[field]));
    for (const field of unknown) {
      problems.at([...path, field], `unknown zone "${via[field]}"${suggestion(via[field], names)}`);
    }
    if (unknown.length > 0) continue;
    if (via.from === via.to)
      problems.at([...path, 'to'], `from and to are both ${via.to}: a via leads to another zone`);
    else if (via.via === via.from || via.via === via.to) {
      problems.at([...path, 'via'], `via ${via.via} is one of its own ends: a via rides on the copy to a third zone`);
    } else if (table.has(key(via.from, via.to))) {
      problems.at(path, `a second via from ${via.from} to ${via.to}: only one can apply`);
    } else {
      if (!hosts.some((host) => host.zone === via.via && host.role === 'target')) {
        problems.at([...path, 'via'], `zone ${via.via} has no target, and only an addressed target relays`);
      }
      table.set(key(via.from, via.to), via);
      sound.push({ via, index });
    }
  }
  for (const { via, index } of sound) {
    const path = ['overlay', 'vias', index];
    const ring = findRing(via, table);
    const loop = ring ? undefined : findLoop(via, table);
    if (ring) {
      problems.at(path, `via cycle: ${via.from} would make a copy for ${ring.join(', which rides on the one for ')}`);
    }
    if (loop) problems.at(path, `via cycle: a datagram for ${via.to} could go ${loop.join(' → ')}`);
  }
  return [...vias];
}

function readTunnels(tunnels: readonly Tunnel[], { zones, hosts }: Network, problems: Problems): Tunnel[] {
  const names = zones.map((zone) => zone.name);
  const joined = new Set<string>();
  for (const [index, { between, queue }] of tunnels.entries()) {
    const path = ['overlay', 'tunnels', index];
    const pair = [...between].sort().join(' ');
    for (const [end, zone] of between.entries()) {
      if (!names.includes(zone)) {
        problems.at([...path, 'between', end], `unknown zone "${zone}"${suggestion(zone, names)}`);
      } else if (!hosts.some((host) => host.zone === zone && host.role === 'target')) {
        problems.at([...path, 'between', end], `zone ${zone} has no target, and only a target owns a connection`);
      }
    }
    if (between[0] === between[1])
      problems.at([...path, 'between'], `a tunnel joins two zones, not ${between[0]} alone`);
    else if (joined.has(pair)) problems.at([...path, 'between'], `a second tunnel between ${between.join(' and ')}`);
    joined.add(pair);
    if (queue < LEAST_TUNNEL_QUEUE) {
      problems.at(
        [...path, 'queue'],
        `a queue of ${formatSize(queue)}: a datagram can be longer, ${LEAST_TUNNEL_QUEUE} bytes with its length`,
      );
    }
  }
  return [...tunnels];
}

const key = (from: string, to: string) => `${from} ${to}`;

/** The zones that may get the bits for `to` next: its own, or those whose copies they ride on, as far as the vias lead. */
function nextZones(from: string, to: string, table: ReadonlyMap<string, Via>): string[] {
  const zones = [to];
  let via = table.get(key(from, to));
  while (via && !zones.includes(via.via)) {
    zones.push(via.via);
    via = table.get(key(from, via.via));
  }
  return zones;
}

/** The copies of one sender that wait for each other in a ring: each rides on the next, the last on the first. */
function findRing({ from, to }: Via, table: ReadonlyMap<string, Via>): string[] | undefined {
  const zones = nextZones(from, to, table);
  return table.get(key(from, zones.at(-1)!))?.via === to ? [...zones, to] : undefined;
}

/** A way on which a datagram for `to` comes back to where this via takes it from, some of the vias on it applying. */
function findLoop({ from, to }: Via, table: ReadonlyMap<string, Via>): string[] | undefined {
  const ways = [[from]];
  const seen = new Set<string>();
  for (const way of ways) {
    for (const zone of nextZones(way.at(-1)!, to, table)) {
      if (zone === from) return [...way, from];
      if (zone === to || seen.has(zone)) continue;
      seen.add(zone);
      ways.push([...way, zone]);
    }
  }
  return undefined;
}
