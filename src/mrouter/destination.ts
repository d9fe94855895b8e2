import { type Bift, bitString } from '../bier/index.ts';
import { suggestion } from '../document/index.ts';
import {
  ADDRESS_MAP_BITS,
  type Destination,
  decodeMulticast,
  encodeMulticast,
  formatIpv6,
  type Group,
  type MemberSet,
  parseIpv6,
  type Target,
} from '../overlay/index.ts';
import type { LearnedInitiator } from './learned.ts';
import type { MapView } from './map-view.ts';

/** The part of a destination that one datagram can reach: members of one set, or one initiator. */
export interface Part {
  readonly bift: Bift;
  /** Empty for an initiator. */
  readonly bits: Uint8Array;
  /** Inner destination address. */
  readonly address: Uint8Array;
  /** Names of the targets, or the overlay address of an initiator. */
  readonly to: readonly string[] | string;
  readonly group: string | undefined;
  /** Present for an initiator. */
  readonly initiator: LearnedInitiator | undefined;
}

/**
 * Finds out which datagrams reach a destination: one for each member set that has addressed members.
 * @param learned finds an initiator by its overlay address
 * @throws RangeError when the destination is unknown, or nobody at all.
 */
export function resolveDestination(
  view: MapView,
  destination: Destination,
  learned: (address: string) => LearnedInitiator | undefined,
): Part[] {
  if ('group' in destination) return groupParts(view, destination.group, destination.members);
  // Text that comes from a datagram is canonical already: who answers need not look into it.
  const known = hostParts(view, destination.address, learned);
  if (known) return known;
  const bytes = parseIpv6(destination.address);
  if (!bytes) throw new RangeError(`${destination.address} is no IPv6 address`);
  const multicast = decodeMulticast(bytes);
  if (multicast) {
    const group = view.map.groupById.get(multicast.groupId);
    if (!group) throw new RangeError(`no group has the address ${destination.address}`);
    return setParts(view, group, membersInMap(group, multicast.groupId, multicast.map));
  }
  const address = formatIpv6(bytes);
  const parts = hostParts(view, address, learned);
  if (parts) return parts;
  throw new RangeError(`no way to ${address}: no target of the cluster map, no initiator with a pending request`);
}

/** @param address canonical text */
function hostParts(
  view: MapView,
  address: string,
  learned: (address: string) => LearnedInitiator | undefined,
): Part[] | undefined {
  const target = view.map.targetByAddress.get(address);
  if (target) return [unicastPart(view, target)];
  const initiator = learned(address);
  return initiator && [initiatorPart(view, initiator)];
}

function groupParts(view: MapView, name: string, members: readonly string[]): Part[] {
  const { groupByName } = view.map;
  const group = groupByName.get(name);
  if (!group) throw new RangeError(`no group is called "${name}"${suggestion(name, groupByName.keys())}`);
  const positions = new Map(group.members.map((member, index) => [member.name, index]));
  const indexes = members.map((member) => {
    const index = positions.get(member);
    if (index === undefined) {
      throw new RangeError(`group ${name} has no member "${member}"${suggestion(member, positions.keys())}`);
    }
    return index;
  });
  return setParts(view, group, indexes);
}

function membersInMap(group: Group, groupId: number, map: bigint): number[] {
  const first = (groupId - group.id) * ADDRESS_MAP_BITS;
  const indexes: number[] = [];
  for (let bit = 0; bit < ADDRESS_MAP_BITS; bit++) if ((map >> BigInt(bit)) & 1n) indexes.push(first + bit);
  const beyond = indexes.find((index) => index >= group.members.length);
  if (beyond !== undefined) throw new RangeError(`group ${group.name} has no member ${beyond}`);
  return indexes;
}

/** @param indexes of members of the group */
function setParts(view: MapView, group: Group, indexes: readonly number[]): Part[] {
  if (indexes.length === 0) throw new RangeError(`nobody in group ${group.name} is addressed`);
  const parts: Part[] = [];
  for (const set of group.sets) {
    const first = set.setIdentifier * group.bitStringLength;
    const bits = [...new Set(indexes)].filter((index) => index >= first && index < first + set.members.length);
    if (bits.length === 0) continue;
    const own = bits.map((index) => index - first);
    parts.push({
      bift: view.bifts.get(set.biftId)!,
      bits: bitString(group.bitStringLength, own),
      address: multicastAddress(group, bits, first),
      to: own.map((bit) => set.members[bit]!.name),
      group: group.name,
      initiator: undefined,
    });
  }
  return parts;
}

/**
 * The inner destination for these members: a map of 64, or, when they do not fit one, an empty map under the first id of their set
 * (see multicast.ts).
 */
function multicastAddress(group: Group, indexes: readonly number[], firstOfSet: number): Uint8Array {
  const chunks = new Set(indexes.map((index) => Math.floor(index / ADDRESS_MAP_BITS)));
  const [chunk] = chunks;
  if (chunks.size > 1)
    return encodeMulticast({ groupId: group.id + Math.floor(firstOfSet / ADDRESS_MAP_BITS), map: 0n });
  const map = indexes.reduce((bits, index) => bits | (1n << BigInt(index % ADDRESS_MAP_BITS)), 0n);
  return encodeMulticast({ groupId: group.id + chunk!, map });
}

function unicastPart(view: MapView, target: Target): Part {
  const { set, bit } = view.map.homes[target.index]!;
  return {
    bift: view.bifts.get(set.biftId)!,
    bits: bitString(set.group.bitStringLength, [bit]),
    address: target.overlay,
    to: [target.name],
    group: undefined,
    initiator: undefined,
  };
}

/** An initiator has no bit: any label of the map will do, so it is one that the sender is in, with an empty string. */
function initiatorPart(view: MapView, initiator: LearnedInitiator): Part {
  const set = view.self ? view.map.homes[view.self.index]!.set : anySet(view);
  return {
    bift: view.bifts.get(set.biftId)!,
    bits: bitString(set.group.bitStringLength, []),
    address: initiator.overlay,
    to: initiator.address,
    group: undefined,
    initiator,
  };
}

function anySet(view: MapView): MemberSet {
  return view.map.setByBiftId.values().next().value!;
}
