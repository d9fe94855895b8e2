import { createHash } from 'node:crypto';
import { type Path, suggestion } from '../document/index.ts';
import type { ClusterMap, Group, MemberSet, Membership, Target, Via, Zone } from './cluster-map.ts';
import type { Complain, Complaint } from './complaint.ts';
import { GROUP_ID_LIMIT, UNGROUPED_ID } from './constants.ts';
import { makeEndpoint } from './endpoint.ts';
import { type Ipv4Prefix, inPrefix, parseIpv4, parseIpv4Prefix, prefixesOverlap } from './ipv4.ts';
import { formatIpv6, parseIpv6 } from './ipv6.ts';
import { parseMac, unicastAddress } from './mac.ts';
import { defaultBitStringLength, idsOwned, makeGroup } from './membership.ts';
import type { ClusterMapFile } from './schema.ts';
import { resolveTunnels } from './tunnels.ts';
import { checkVias } from './vias.ts';

/**
 * Turns a cluster map file that fits the schema into its resolved form.
 * @returns the map, or everything that is wrong with it.
 */
export function resolveClusterMap(file: ClusterMapFile): { map: ClusterMap } | { complaints: Complaint[] } {
  const complaints: Complaint[] = [];
  const complain: Complain = (path, message, onKey = false) => complaints.push({ path, message, onKey });

  const prefix = resolvePrefix(file, complain);
  const zones = resolveZones(file, complain);
  const zoneByName = byName(zones);
  const targets = resolveTargets(file, prefix, zoneByName, complain);
  const targetByName = byName(targets);
  const groups = resolveGroups(file, targetByName, complain);
  const groupByName = byName(groups);
  const vias = resolveVias(file, zoneByName, complain);
  const tunnels = resolveTunnels(file, zoneByName, complain);
  const partitions = file.partitions ? lookUp(file.partitions, groupByName, ['partitions'], 'group', complain) : groups;
  const initiators = file.initiators ? resolvePrefixes(file.initiators, complain) : zones.map((zone) => zone.subnet);
  if (complaints.length > 0) return { complaints };

  const grouped = new Set(groups.flatMap((group) => group.members));
  const lone = targets.filter((target) => !grouped.has(target));
  const ungrouped =
    lone.length > 0 ? makeGroup('(ungrouped)', UNGROUPED_ID, lone, defaultBitStringLength(lone.length)) : undefined;
  const everyGroup = ungrouped ? [...groups, ungrouped] : groups;
  const setByBiftId = collectSets(everyGroup, complain);
  if (complaints.length > 0) return { complaints };

  const map: ClusterMap = {
    port: file.port,
    prefix,
    zones,
    zoneByName,
    targets,
    targetByName,
    targetByAddress: new Map(targets.map((target) => [target.address, target])),
    targetByEndpoint: new Map(targets.map((target) => [target.endpoint.key, target])),
    groups,
    groupByName,
    groupById: new Map(
      groups.flatMap((group) =>
        Array.from({ length: idsOwned(group.members.length) }, (_, k) => [group.id + k, group]),
      ),
    ),
    ungrouped,
    setByBiftId,
    homes: findHomes(targets, everyGroup),
    vias,
    tunnels,
    partitions,
    initiators,
    relay: file.relay,
    digest: createHash('sha256').update(JSON.stringify(file)).digest().readUInt32BE(0),
  };
  return { map };
}

function byName<T extends { name: string }>(things: readonly T[]): Map<string, T> {
  return new Map(things.map((thing) => [thing.name, thing]));
}

/** The things called `names`; a complaint for each one that does not exist. */
function lookUp<T>(
  names: readonly string[],
  known: ReadonlyMap<string, T>,
  path: Path,
  kind: string,
  complain: Complain,
): T[] {
  const found: T[] = [];
  for (const [index, name] of names.entries()) {
    const thing = known.get(name);
    if (thing) found.push(thing);
    else complain([...path, index], `no ${kind} is called "${name}"${suggestion(name, known.keys())}`);
  }
  return found;
}

function resolvePrefix(file: ClusterMapFile, complain: Complain): Uint8Array {
  const prefix = parseIpv6(file.prefix.split('/')[0]!);
  if (prefix && prefix[0] !== 0xff && prefix.subarray(8).every((byte) => byte === 0)) return prefix;
  complain(['prefix'], `${file.prefix} is no unicast IPv6 prefix of 64 bits`);
  return new Uint8Array(16);
}

function resolveZones(file: ClusterMapFile, complain: Complain): Zone[] {
  const zones: Zone[] = [];
  for (const [name, { subnet: text, native }] of Object.entries(file.zones)) {
    const subnet = parseIpv4Prefix(text);
    if (!subnet) {
      complain(['zones', name, 'subnet'], `${text} is no IPv4 prefix: parts are 0 … 255 and host bits 0`);
      continue;
    }
    const other = zones.find((zone) => prefixesOverlap(zone.subnet, subnet));
    if (other) complain(['zones', name, 'subnet'], `${text} overlaps zone ${other.name} (${other.subnet.text})`);
    zones.push({ name, index: zones.length, subnet, native });
  }
  return zones;
}

function resolveTargets(
  file: ClusterMapFile,
  prefix: Uint8Array,
  zones: ReadonlyMap<string, Zone>,
  complain: Complain,
): Target[] {
  const targets: Target[] = [];
  const owners = {
    underlay: new Map<string, string>(),
    mac: new Map<string, string>(),
    overlay: new Map<string, string>(),
  };
  const claim = (kind: keyof typeof owners, value: string, name: string) => {
    const owner = owners[kind].get(value);
    if (owner !== undefined) complain(['targets', name, kind], `${value} is the ${kind} address of ${owner} already`);
    owners[kind].set(value, name);
  };
  for (const [name, given] of Object.entries(file.targets)) {
    const zone = zones.get(given.zone);
    const address = parseIpv4(given.underlay);
    const mac = parseMac(given.mac);
    const overlay = given.overlay === undefined ? mac && unicastAddress(prefix, mac) : parseIpv6(given.overlay);
    if (address === undefined) complain(['targets', name, 'underlay'], `${given.underlay} is no IPv4 address`);
    if (!mac) complain(['targets', name, 'mac'], `${given.mac} is a multicast MAC address, not a host's`);
    if (!overlay) {
      if (mac) complain(['targets', name, 'overlay'], `${given.overlay} is no IPv6 address`);
    } else if (prefix.subarray(0, 8).some((byte, i) => byte !== overlay[i])) {
      complain(['targets', name, 'overlay'], `${given.overlay} is outside the overlay's prefix ${file.prefix}`);
    }
    if (!zone) {
      if (!Object.hasOwn(file.zones, given.zone)) {
        const hint = suggestion(given.zone, Object.keys(file.zones));
        complain(['targets', name, 'zone'], `no zone is called "${given.zone}"${hint}`);
      }
    } else if (address !== undefined && !inPrefix(zone.subnet, address)) {
      const message = `${given.underlay} is outside zone ${zone.name}, whose subnet is ${zone.subnet.text}`;
      complain(['targets', name, 'underlay'], message);
    }
    if (!zone || !mac || !overlay || address === undefined) continue;
    claim('underlay', given.underlay, name);
    claim('mac', given.mac.toLowerCase(), name);
    const text = formatIpv6(overlay);
    // An address derived from a repeated MAC is one mistake, not two.
    if (given.overlay !== undefined) claim('overlay', text, name);
    const endpoint = makeEndpoint(given.underlay, file.port);
    targets.push({ name, index: targets.length, zone, endpoint, mac, overlay, address: text });
  }
  checkDerivedAddresses(file, targets, complain);
  return targets;
}

/** A written-out overlay address may be the one that another target derives from its MAC. */
function checkDerivedAddresses(file: ClusterMapFile, targets: readonly Target[], complain: Complain): void {
  const derived = new Map<string, Target>();
  for (const target of targets)
    if (file.targets[target.name]!.overlay === undefined) derived.set(target.address, target);
  for (const target of targets) {
    const other = derived.get(target.address);
    if (file.targets[target.name]!.overlay !== undefined && other) {
      complain(
        ['targets', target.name, 'overlay'],
        `${target.address} is the overlay address of ${other.name} already`,
      );
    }
  }
}

function resolveGroups(file: ClusterMapFile, targets: ReadonlyMap<string, Target>, complain: Complain): Group[] {
  const groups: Group[] = [];
  for (const [name, given] of Object.entries(file.groups)) {
    const path = ['groups', name, 'members'];
    const members: Target[] = [];
    const seen = new Set<string>();
    for (const [index, member] of given.members.entries()) {
      const target = targets.get(member);
      if (seen.has(member)) complain([...path, index], `${member} is a member of ${name} already`);
      else if (target) members.push(target);
      else if (!Object.hasOwn(file.targets, member)) {
        complain([...path, index], `no target is called "${member}"${suggestion(member, Object.keys(file.targets))}`);
      }
      seen.add(member);
    }
    const id = Number.parseInt(given.id, 16);
    const last = id + idsOwned(given.members.length) - 1;
    if (id === UNGROUPED_ID) complain(['groups', name, 'id'], 'id 0 is kept for targets of no group: choose another');
    if (last >= GROUP_ID_LIMIT) complain(['groups', name, 'id'], `the ids of ${name} go beyond 48 bits`);
    const other = groups.find((group) => group.id <= last && id < group.id + idsOwned(group.members.length));
    if (other) {
      const message = `group ${other.name} owns id ${given.id} already: a group owns one id for each 64 members`;
      complain(['groups', name, 'id'], message);
    }
    groups.push(makeGroup(name, id, members, given.bitStringLength ?? defaultBitStringLength(given.members.length)));
  }
  return groups;
}

function resolveVias(file: ClusterMapFile, zones: ReadonlyMap<string, Zone>, complain: Complain): Via[] {
  const vias: Via[] = [];
  for (const [index, given] of file.vias.entries()) {
    const path = ['vias', index];
    const [from, to, via] = (['from', 'to', 'via'] as const).map((role) => {
      const name = given[role];
      if (!Object.hasOwn(file.zones, name)) {
        complain([...path, role], `no zone is called "${name}"${suggestion(name, Object.keys(file.zones))}`);
      }
      return zones.get(name);
    });
    if (from && to && via) vias.push({ from, to, via });
  }
  if (vias.length === file.vias.length) checkVias(vias, complain);
  return vias;
}

function resolvePrefixes(texts: readonly string[], complain: Complain): Ipv4Prefix[] {
  const prefixes: Ipv4Prefix[] = [];
  for (const [index, text] of texts.entries()) {
    const prefix = parseIpv4Prefix(text);
    if (prefix) prefixes.push(prefix);
    else complain(['initiators', index], `${text} is no IPv4 prefix: parts are 0 … 255 and host bits 0`);
  }
  return prefixes;
}

/** All member sets by label. Labels are hashes of 20 bits, so two may collide, though rarely. */
function collectSets(groups: readonly Group[], complain: Complain): Map<number, MemberSet> {
  const sets = new Map<number, MemberSet>();
  for (const set of groups.flatMap((group) => group.sets)) {
    const other = sets.get(set.biftId);
    if (other) {
      const label = `0x${set.biftId.toString(16).padStart(5, '0')}`;
      const message = `${set.group.name} has the label ${label} of ${other.group.name} by chance: change its id`;
      complain(['groups', set.group.name], message, true);
    }
    sets.set(set.biftId, set);
  }
  return sets;
}

function findHomes(targets: readonly Target[], groups: readonly Group[]): Membership[] {
  const homes: Membership[] = [];
  for (const set of groups.flatMap((group) => group.sets)) {
    for (const [bit, target] of set.members.entries()) homes[target.index] ??= { set, bit };
  }
  return targets.map((target) => homes[target.index]!);
}
