import type { Target, Via, Zone } from '../overlay/index.ts';
import type { Bift } from './bift.ts';
import { addBits, bitString, clearBit, hasBit, intersection, isEmpty, listBits } from './bits.ts';
import { pickRelay } from './relay.ts';

/** What a host knows of itself and its surroundings when it forwards. */
export interface Position {
  readonly zone: Zone;
  /** The host's bit in the set at hand; −1 when it is no member. */
  readonly bit: number;
  /** From this zone to the key, ride on the copy to the value. See `viasFrom`. */
  readonly vias: ReadonlyMap<Zone, Zone>;
  /** Where the datagram came from; absent at its originator, or when the source is in no zone. */
  readonly ingress: Zone | undefined;
  /** `false`: every target gets its own copy from here. */
  readonly relay: boolean;
  readonly isLive: (target: Target) => boolean;
}

/** One datagram to send: to this target, with these bits. */
export interface Copy {
  readonly target: Target;
  readonly bits: Uint8Array;
}

/** What to do with a datagram. The copies' bits are disjoint; with the own bit and what was refused they are the input. */
export interface Decision {
  /** Whether the own bit is set: deliver to the local application, once. */
  readonly own: boolean;
  readonly copies: readonly Copy[];
  /** Zones that would have got a copy back, and do not. */
  readonly loops: number;
}

const NO_BITS = new Uint8Array(0);

/** The vias of one zone, for lookups. */
export function viasFrom(vias: readonly Via[], zone: Zone): Map<Zone, Zone> {
  return new Map(vias.filter((via) => via.from === zone).map((via) => [via.to, via.via]));
}

/** Whether a bit beyond the members of the set is set: then the datagram is not for this set, or damaged. */
export function bitsBeyond(bift: Bift, bits: Uint8Array): boolean {
  const { members } = bift.set;
  for (let bit = members.length; bit < bits.length * 8; bit++) if (hasBit(bits, bit)) return true;
  return false;
}

/**
 * The forwarding procedure of RFC 8279 §6.5 with zones as next hops (overlay.md, Forwarding). Each zone's bits leave in one copy,
 * to a relay there; a zone with a via rides on the copy to another addressed zone, as far as the vias lead and targets live. In the own zone every
 * target gets a copy that carries only its own bit. Copies to other zones come first: they have further to go.
 * @param bits not changed
 */
export function decide(bift: Bift, bits: Uint8Array, entropy: number, position: Position): Decision {
  const own = position.bit >= 0 && hasBit(bits, position.bit);
  const rest = new Uint8Array(bits);
  if (own) clearBit(rest, position.bit);

  const parts = new Map<Zone, Uint8Array>();
  let loops = 0;
  for (const [zone, mask] of bift.masks) {
    const part = intersection(rest, mask);
    if (isEmpty(part)) continue;
    if (zone === position.ingress) loops++;
    else parts.set(zone, part);
  }
  if (!position.relay) return { own, copies: [...parts.values()].flatMap((part) => terminalCopies(bift, part)), loops };

  const local = parts.get(position.zone);
  parts.delete(position.zone);
  const isLive = (bit: number) => position.isLive(bift.set.members[bit]!);
  const carries = (zone: Zone) => listBits(parts.get(zone) ?? NO_BITS).some(isLive);
  const loads = new Map<Zone, Uint8Array>();
  for (const [zone, part] of parts) {
    const carrier = findCarrier(zone, carries, position.vias);
    const load = loads.get(carrier);
    if (load) addBits(load, part);
    else loads.set(carrier, Uint8Array.from(part));
  }
  const copies: Copy[] = [];
  for (const [carrier, load] of loads) {
    const relay = pickRelay(bift, listBits(parts.get(carrier)!), entropy, isLive);
    copies.push({ target: bift.set.members[relay]!, bits: load });
  }
  if (local) copies.push(...terminalCopies(bift, local));
  return { own, copies, loops };
}

/**
 * Follows the vias for as long as they lead to a zone that gets this datagram anyway, and where somebody is alive to pass it on. Vias
 * have no cycles: `checkVias`.
 */
function findCarrier(zone: Zone, carries: (zone: Zone) => boolean, vias: ReadonlyMap<Zone, Zone>): Zone {
  let carrier = zone;
  for (let next = vias.get(carrier); next && carries(next); next = vias.get(carrier)) carrier = next;
  return carrier;
}

/** A copy for each target, with only that target's bit: it goes no further. */
function terminalCopies(bift: Bift, bits: Uint8Array): Copy[] {
  return listBits(bits).map((bit) => ({
    target: bift.set.members[bit]!,
    bits: bitString(bift.set.group.bitStringLength, [bit]),
  }));
}
