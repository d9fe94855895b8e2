import type { ClusterMap, MemberSet, Zone } from '../overlay/index.ts';
import { bitString } from './bits.ts';
import { mix32 } from './entropy.ts';

/**
 * The forwarding table of one label (RFC 8279 §6.4): which bits are in which zone. It is the same on every host with the same map;
 * what a host does with it depends on the zone that the host is in (`decide`).
 */
export interface Bift {
  readonly set: MemberSet;
  /** The members of each zone as a bit string: the forwarding bit mask (F-BM) of a next hop there. Only zones that have members. */
  readonly masks: ReadonlyMap<Zone, Uint8Array>;
  /** A hash of each member's overlay address, the same on every host: what relays are ranked by. */
  readonly hashes: Uint32Array;
}

/** @returns the table of each member set of a map, by label. */
export function buildBifts(map: ClusterMap): Map<number, Bift> {
  const bifts = new Map<number, Bift>();
  for (const [label, set] of map.setByBiftId) bifts.set(label, buildBift(set));
  return bifts;
}

export function buildBift(set: MemberSet): Bift {
  const bitsOf = new Map<Zone, number[]>();
  for (const [bit, { zone }] of set.members.entries()) {
    const bits = bitsOf.get(zone);
    if (bits) bits.push(bit);
    else bitsOf.set(zone, [bit]);
  }
  const zones = [...bitsOf.keys()].sort((a, b) => a.index - b.index);
  return {
    set,
    masks: new Map(zones.map((zone) => [zone, bitString(set.group.bitStringLength, bitsOf.get(zone)!)])),
    hashes: Uint32Array.from(set.members, ({ overlay }) => hashBytes(overlay)),
  };
}

/** A 32-bit hash, the same on every host. */
export function hashBytes(bytes: Uint8Array): number {
  return bytes.reduce((hash, byte) => mix32(hash ^ byte), bytes.length);
}
