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
  isAlike,
  sameIpv6,
  type Zone,
} from '../overlay/index.ts';
import { isAddressee } from './addressee.ts';
import { DATAGRAM_LIMIT } from './constants.ts';
import { isIntact, type RouterCore } from './core.ts';
import type { CachedDecision } from './decision-cache.ts';
import type { MapView } from './map-view.ts';
import type { Hop, TunnelKind } from './sink.ts';
import { distrust } from './trust.ts';
import { isConnection, wayOn } from './ways.ts';

/** What becomes of a datagram that is in order. */
type Course = 'overheard' | 'taken' | 'replied' | 'forwarded';

/** The part of a router that passes on and delivers what comes from the underlay. */
export class Forwarder {
  readonly #core: RouterCore;
  /** What is known of the datagram at hand; filled again for each. */
  readonly #header = new BierHeader();
  readonly #packet = new InnerView();
  #course: Course = 'forwarded';
  #view!: MapView;
  #bift!: Bift;
  #inner!: Uint8Array;
  #ingress: Zone | undefined;
  #fromPeer = false;

  constructor(core: RouterCore) {
    this.#core = core;
  }

  /**
   * See `Router.receive`.
   * @returns why the datagram is dropped here, after the copies that could leave have left
   */
  forward(datagram: Uint8Array, from: number, now: number, tunnel: TunnelKind): DropReason | undefined {
    const problem = this.#examine(datagram, from, now, tunnel);
    if (problem) return problem;
    switch (this.#course) {
      case 'overheard':
        this.#core.counters.overheard++;
        return undefined;
      case 'taken':
        return this.#take(this.#inner, now);
      case 'replied':
        return this.#passReply(datagram, now, tunnel);
      case 'forwarded':
        return this.#passOn(datagram, now);
    }
  }

  /**
   * Forwards as many datagrams of a batch as are alike: they have the header of the first one, so the decision is made once and each copy
   * of all of them leaves as one batch again. The same comes of it as of `forward` for each, but the copies leave together.
   * @param bytes begins with a datagram of `size` bytes, others of that size may follow
   * @returns bytes that are dealt with; 0 when the first one has to be forwarded by itself
   */
  forwardAlike(bytes: Uint8Array, size: number, from: number, now: number, tunnel: TunnelKind): number {
    const first = bytes.subarray(0, size);
    if (isConnection(tunnel) || bytes.length < 2 * size || this.#examine(first, from, now, tunnel)) return 0;
    if (this.#packet.announced) return 0;
    if (this.#course === 'taken') return this.#takeAlike(bytes, size);
    if (this.#course !== 'forwarded') return 0;
    const decision = this.#decide(first);
    const { sends, own, problem } = decision;
    const left = this.#ttlLeft;
    if (problem || left === 0) return 0;
    const end = this.#endOfAlike(bytes, size);
    const count = end / size;
    if (count === 1) return 0;

    this.#countReceived(count, end);
    this.#countRefusals(decision, count);
    const { length } = this.#header;
    const all = bytes.subarray(0, end);
    sends.forEach(({ hop, bits }, i) => {
      // The last copy needs no bytes of its own.
      const copy = i === sends.length - 1 ? all : Uint8Array.from(all);
      for (let at = 0; at < end; at += size) {
        copy[at + TTL_OFFSET] = left;
        for (let k = 0; k < bits.length; k++) copy[at + FIXED_HEADER_BYTES + k] = bits[k]!;
      }
      this.#core.counters.relayed += count;
      this.#core.transmitAll(hop, copy, size, length, false);
    });
    if (own) this.#takeEach(all, size);
    return end;
  }

  /** The same where there is nothing to forward. */
  #takeAlike(bytes: Uint8Array, size: number): number {
    const end = this.#endOfAlike(bytes, size);
    if (end === size) return 0;
    this.#countReceived(end / size, end);
    this.#takeEach(end === bytes.length ? bytes : bytes.subarray(0, end), size);
    return end;
  }

  /** Datagrams that are alike: what is so with the first is so with all. */
  #takeEach(bytes: Uint8Array, size: number): void {
    if (this.#isAddressee()) this.#core.deliverAlike(bytes, size, this.#header.length, this.#packet);
    else for (let at = 0; at < bytes.length; at += size) this.#core.drop('wrong-destination');
  }

  #countReceived(datagrams: number, bytes: number): void {
    this.#core.counters.received += datagrams;
    this.#core.counters.receivedBytes += bytes;
  }

  /** Bytes of the datagrams that have the header of the first, and inner packets that are alike. */
  #endOfAlike(bytes: Uint8Array, size: number): number {
    const { length } = this.#header;
    let end = size;
    for (; end + size <= bytes.length; end += size) {
      for (let i = 0; i < length; i++) if (bytes[end + i] !== bytes[i]) return end;
      if (!isAlike(bytes, this.#packet, length, end + length)) return end;
    }
    return end;
  }

  /** Looks at a datagram, and says why it must not get any further. */
  #examine(datagram: Uint8Array, from: number, now: number, tunnel: TunnelKind): DropReason | undefined {
    const { maps, neighbours, learned } = this.#core;
    if (datagram.length > DATAGRAM_LIMIT) return 'oversized';
    const header = this.#header;
    const malformed = decodeHeader(datagram, header);
    if (malformed) return malformed;
    if (header.proto !== PROTO_IPV6) return 'wrong-protocol';
    const view = maps.withLabel(header.biftId, now);
    if (!view) return 'unknown-bift';
    this.#view = view;
    this.#bift = view.bifts.get(header.biftId)!;
    if (header.bitStringLength !== this.#bift.set.group.bitStringLength) return 'bit-string-length-mismatch';
    if (header.ttl === 0) return 'ttl-expired';
    if (tunnel === 'native' && !this.#isForSelf(datagram)) {
      this.#course = 'overheard';
      return undefined;
    }
    const inner = datagram.subarray(header.length);
    this.#inner = inner;
    const unreadable = decodeInner(inner, this.#packet);
    if (unreadable) return unreadable;

    const peer = maps.findPeer(from, view, now);
    const ingress = peer ? peer.zone : view.zoneOf(from);
    this.#fromPeer = peer !== undefined;
    this.#ingress = ingress;
    if (!maps.admit(tunnel, ingress?.name, now)) return 'wrong-tunnel';
    const reply = isEmpty(datagram.subarray(FIXED_HEADER_BYTES, header.length));
    const sender = peer ? 'peer' : learned.knowsEndpoint(from, now) ? 'learned' : 'stranger';
    const distrusted = distrust(view, sender, from, inner, this.#packet, reply);
    if (distrusted) return distrusted;
    if (peer) neighbours.heard(from);
    if (isConnection(tunnel)) neighbours.heardOver(ingress!);
    // Who else is addressed by a native frame has got the same one.
    this.#course = tunnel === 'native' ? 'taken' : reply ? 'replied' : 'forwarded';
    return undefined;
  }

  /** Whether a host of this zone hands over what is for other zones: that is no hop of its own. */
  get #handed(): boolean {
    return this.#ingress === this.#view.zone;
  }

  /** TTL of the copies of the datagram at hand. */
  get #ttlLeft(): number {
    return this.#handed ? this.#header.ttl : this.#header.ttl - 1;
  }

  #decide(datagram: Uint8Array): CachedDecision {
    return this.#core.decisions.forReceived(this.#view, this.#bift, datagram, this.#header, this.#ingress);
  }

  /** @param count datagrams that are decided alike */
  #countRefusals({ loops, refused }: CachedDecision, count: number): void {
    for (let i = 0; i < loops * count; i++) this.#core.drop('loop');
    for (let i = 0; i < refused * count; i++) this.#core.drop('not-owner');
  }

  /** Without bits a datagram is legal only to an initiator: a target has a bit. */
  #passReply(datagram: Uint8Array, now: number, tunnel: TunnelKind): DropReason | undefined {
    const { self, isLive } = this.#core;
    const view = this.#view;
    const packet = this.#packet;
    const mine = !view.self && sameIpv6(this.#inner, INNER_DESTINATION_OFFSET, self.overlay);
    if (mine) return this.#core.deliver(this.#inner, packet, now);
    if (!this.#fromPeer || !packet.announced) return 'empty-bit-string';
    const endpoint = endpointOfKey(endpointKey(packet.announcedAddress, packet.announcedPort));
    const hop = wayOn(view, endpoint, isConnection(tunnel), isLive);
    return hop ? this.#pass(hop, datagram, this.#ttlLeft) : 'empty-bit-string';
  }

  #passOn(datagram: Uint8Array, now: number): DropReason | undefined {
    const decision = this.#decide(datagram);
    const { problem, own, sends } = decision;
    if (problem) return problem;
    this.#countRefusals(decision, 1);
    const left = this.#ttlLeft;
    const inner = this.#inner;
    const packet = this.#packet;
    for (const { hop, bits } of left > 0 ? sends : []) {
      datagram.set(bits, FIXED_HEADER_BYTES);
      this.#pass(hop, datagram, left);
    }
    if (left === 0 && sends.length > 0) this.#core.drop('ttl-expired');
    // The owner too has to know an initiator that hands over a request: the data that follows announces nothing.
    if (this.#handed && sends.length > 0 && packet.announced && isIntact(inner, packet)) {
      this.#core.learn(inner, packet, now);
    }
    return own ? this.#take(inner, now) : undefined;
  }

  /** Whether the bit of this host is set: a frame to a multicast group of the zone reaches all who are in it. */
  #isForSelf(datagram: Uint8Array): boolean {
    const bit = this.#view.bitIn(this.#bift);
    return bit >= 0 && hasBit(datagram.subarray(FIXED_HEADER_BYTES, this.#header.length), bit);
  }

  /** What is addressed to this host by a set of a group. */
  #take(inner: Uint8Array, now: number): DropReason | undefined {
    return this.#isAddressee() ? this.#core.deliver(inner, this.#packet, now) : 'wrong-destination';
  }

  #isAddressee(): boolean {
    const bit = this.#view.bitIn(this.#bift);
    return isAddressee(this.#inner, this.#core.self.overlay, this.#bift.set, bit);
  }

  /** Sends a received datagram on, its bits already those of the copy. @param ttl for the copy */
  #pass(hop: Hop, datagram: Uint8Array, ttl: number): DropReason | undefined {
    if (ttl === 0) return 'ttl-expired';
    datagram[TTL_OFFSET] = ttl;
    this.#core.counters.relayed++;
    this.#core.transmit(hop, datagram.subarray(0, this.#header.length), this.#inner);
    return undefined;
  }
}
