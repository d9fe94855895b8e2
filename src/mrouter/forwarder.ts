import {
  BierHeader,
  type Bift,
  decodeHeader,
  FIXED_HEADER_BYTES,
  hasBit,
  isEmpty,
  PROTO_IPV6,
  TTL_OFFSET,
} from '../bier/index.ts';
import {
  type DropReason,
  decodeInner,
  endpointKey,
  endpointOfKey,
  INNER_DESTINATION_OFFSET,
  InnerView,
  sameIpv6,
} from '../overlay/index.ts';
import { isAddressee } from './addressee.ts';
import { DATAGRAM_LIMIT } from './constants.ts';
import { isIntact, type RouterCore } from './core.ts';
import type { MapView } from './map-view.ts';
import type { Hop, TunnelKind } from './sink.ts';
import { distrust } from './trust.ts';
import { isConnection, wayOn } from './ways.ts';

/** The part of a router that passes on and delivers what comes from the underlay. */
export class Forwarder {
  readonly #core: RouterCore;
  /** Filled again for each datagram. */
  readonly #header = new BierHeader();
  readonly #packet = new InnerView();

  constructor(core: RouterCore) {
    this.#core = core;
  }

  /**
   * See `Router.receive`.
   * @returns why the datagram is dropped here, after the copies that could leave have left
   */
  forward(datagram: Uint8Array, from: number, now: number, tunnel: TunnelKind): DropReason | undefined {
    const { maps, neighbours, learned, decisions, isLive, self } = this.#core;
    if (datagram.length > DATAGRAM_LIMIT) return 'oversized';
    const header = this.#header;
    const malformed = decodeHeader(datagram, header);
    if (malformed) return malformed;
    const { ttl, length } = header;
    if (header.proto !== PROTO_IPV6) return 'wrong-protocol';
    const view = maps.withLabel(header.biftId, now);
    if (!view) return 'unknown-bift';
    const bift = view.bifts.get(header.biftId)!;
    if (header.bitStringLength !== bift.set.group.bitStringLength) return 'bit-string-length-mismatch';
    if (ttl === 0) return 'ttl-expired';
    if (tunnel === 'native' && !this.#isForSelf(view, bift, datagram)) {
      this.#core.counters.overheard++;
      return undefined;
    }
    const inner = datagram.subarray(length);
    const packet = this.#packet;
    const unreadable = decodeInner(inner, packet);
    if (unreadable) return unreadable;

    const peer = maps.findPeer(from, view, now);
    const ingress = peer ? peer.zone : view.zoneOf(from);
    if (!maps.admit(tunnel, ingress?.name, now)) return 'wrong-tunnel';
    const reply = isEmpty(datagram.subarray(FIXED_HEADER_BYTES, length));
    const sender = peer ? 'peer' : learned.knowsEndpoint(from, now) ? 'learned' : 'stranger';
    const distrusted = distrust(view, sender, from, inner, packet, reply);
    if (distrusted) return distrusted;
    const connected = isConnection(tunnel);
    if (peer) neighbours.heard(from);
    if (connected) neighbours.heardOver(ingress!);

    // Who else is addressed has got the same frame.
    if (tunnel === 'native') return this.#take(view, bift, inner, now);
    // A host of this zone hands over what is for other zones: that is no hop of its own.
    const handed = ingress === view.zone;
    const left = handed ? ttl : ttl - 1;
    if (reply) {
      // Legal only to an initiator: a target has a bit.
      const mine = !view.self && sameIpv6(inner, INNER_DESTINATION_OFFSET, self.overlay);
      if (mine) return this.#core.deliver(inner, packet, now);
      const key = endpointKey(packet.announcedAddress, packet.announcedPort);
      const hop = peer && packet.announced && wayOn(view, endpointOfKey(key), connected, isLive);
      return hop ? this.#pass(hop, datagram, left, inner) : 'empty-bit-string';
    }
    const { problem, own, sends, loops, refused } = decisions.forReceived(view, bift, datagram, header, ingress);
    if (problem) return problem;
    for (let i = 0; i < loops; i++) this.#core.drop('loop');
    for (let i = 0; i < refused; i++) this.#core.drop('not-owner');
    for (const { hop, bits } of left > 0 ? sends : []) {
      datagram.set(bits, FIXED_HEADER_BYTES);
      this.#pass(hop, datagram, left, inner);
    }
    if (left === 0 && sends.length > 0) this.#core.drop('ttl-expired');
    // The owner too has to know an initiator that hands over a request: the data that follows announces nothing.
    if (handed && sends.length > 0 && packet.announced && isIntact(inner, packet)) this.#core.learn(inner, packet, now);
    if (!own) return undefined;
    return this.#take(view, bift, inner, now);
  }

  /** Whether the bit of this host is set: a frame to a multicast group of the zone reaches all who are in it. */
  #isForSelf(view: MapView, bift: Bift, datagram: Uint8Array): boolean {
    const bit = view.bitIn(bift);
    return bit >= 0 && hasBit(datagram.subarray(FIXED_HEADER_BYTES, this.#header.length), bit);
  }

  /** What is addressed to this host by a set of a group. */
  #take(view: MapView, bift: Bift, inner: Uint8Array, now: number): DropReason | undefined {
    if (!isAddressee(inner, this.#core.self.overlay, bift.set, view.bitIn(bift))) return 'wrong-destination';
    return this.#core.deliver(inner, this.#packet, now);
  }

  /** Sends a received datagram on, its bits already those of the copy. @param ttl for the copy */
  #pass(hop: Hop, datagram: Uint8Array, ttl: number, inner: Uint8Array): DropReason | undefined {
    if (ttl === 0) return 'ttl-expired';
    datagram[TTL_OFFSET] = ttl;
    this.#core.counters.relayed++;
    this.#core.transmit(hop, datagram.subarray(0, datagram.length - inner.length), inner);
    return undefined;
  }
}
