import { addBits, type Bift, bitString, type Decision } from '../bier/index.ts';
import type { Target } from '../overlay/index.ts';
import type { MapView } from './map-view.ts';
import type { Hop } from './sink.ts';

/** A datagram to send: there, with these bits. */
export interface Dispatch {
  readonly hop: Hop;
  readonly bits: Uint8Array;
}

/** A decision with the way of each of its copies. */
export interface Dispatches {
  readonly sends: readonly Dispatch[];
  /** Copies that must not leave, because this host was handed them and does not own their connection. */
  readonly refused: number;
}

/**
 * Gives each copy of a decision its way. To a zone that a connection joins, the copy goes over the connection when this host owns it, else
 * to the owner in this zone, which sends it on: all that one owner gets travels in one datagram, its own bit included. Inside a native zone
 * one multicast frame reaches all who are left, if they are more than one. All else goes from host to host by UDP.
 * @param handed whether the datagram comes from a host of this zone: then it ends here, but for what goes over a connection of this host
 */
export function dispatch(
  { copies }: Decision,
  bift: Bift,
  view: MapView,
  handed: boolean,
  isLive: (target: Target) => boolean,
): Dispatches {
  const away: Dispatch[] = [];
  const handIns = new Map<Target, Uint8Array>();
  let refused = 0;
  for (const { target, bits } of copies) {
    if (target.zone === view.zone) continue;
    const link = view.links.get(target.zone);
    const owner = link && view.ownerOf(link, isLive);
    if (owner !== undefined && owner === view.self) away.push({ hop: link!.hop, bits });
    else if (handed) refused++;
    else if (owner) handIns.set(owner, union(handIns.get(owner), bits));
    else away.push({ hop: view.hops[target.index]!, bits });
  }

  const local = copies.filter(({ target }) => target.zone === view.zone);
  const inside: Dispatch[] = [];
  if (view.zone.native && local.length > 1) {
    const bits = local.reduce((sum, copy) => union(sum, copy.bits), bitString(bift.set.group.bitStringLength, []));
    inside.push({ hop: view.nativeHop(bift), bits });
  } else {
    for (const { target, bits } of local) {
      const load = handIns.get(target);
      if (load) addBits(load, bits);
      else inside.push({ hop: view.hops[target.index]!, bits });
    }
  }
  for (const [owner, bits] of handIns) away.push({ hop: view.hops[owner.index]!, bits });
  return { sends: [...away, ...inside], refused };
}

function union(bits: Uint8Array | undefined, more: Uint8Array): Uint8Array {
  if (!bits) return Uint8Array.from(more);
  addBits(bits, more);
  return bits;
}
