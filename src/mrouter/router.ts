import {
  BierHeader,
  type Bift,
  decodeHeader,
  FIXED_HEADER_BYTES,
  hasBit,
  INITIAL_TTL,
  isEmpty,
  PROTO_IPV6,
  patchHeader,
  TTL_OFFSET,
} from '../bier/index.ts';
import {
  type ClusterMap,
  type Destination,
  type DropReason,
  decodeInner,
  encodeInner,
  endpointKey,
  endpointOfKey,
  formatIpv6,
  INNER_DESTINATION_OFFSET,
  INNER_SOURCE_OFFSET,
  InnerView,
  innerChecksumHolds,
  innerOverhead,
  PROTOCOL_UDP,
  sameIpv6,
  type Target,
  withAnnounce,
} from '../overlay/index.ts';
import { isAddressee } from './addressee.ts';
import { type Connection, connectionsOf } from './connections.ts';
import { DATAGRAM_LIMIT, DEFAULT_MTU, HELLO_INTERVAL, IDLE_TICK_INTERVAL } from './constants.ts';
import { Counters } from './counters.ts';
import { Decisions } from './decisions.ts';
import { resolveDestination } from './destination.ts';
import { isHello } from './hello.ts';
import { interfaceMtu } from './interface-mtu.ts';
import { LearnedInitiators } from './learned.ts';
import type { MapView, Self } from './map-view.ts';
import { Maps } from './maps.ts';
import { Neighbours } from './neighbours.ts';
import { type Envelope, type EnvelopeOptions, makeOutbound, type Outbound } from './outbound.ts';
import type { Hop, Sink, TunnelKind } from './sink.ts';
import { distrust } from './trust.ts';
import { isConnection, wayOn, wayTo } from './ways.ts';

export interface RouterOptions {
  map: ClusterMap;
  self: Self;
  sink: Sink;
  /** Bytes of an underlay IP packet, default 1500. */
  mtu?: number | undefined;
  /** ms between hellos, default 200; 0 = none are sent and every target counts as live. */
  helloInterval?: number | undefined;
}

const NOTHING = new Uint8Array(0);

/**
 * The overlay's router on one host, without sockets or timers: datagrams and the time in, effects out through a `Sink`.
 * All times are ms on one monotonic clock. It never throws on what comes from the underlay: what is wrong is counted by reason.
 */
export class Router {
  readonly counters = new Counters();
  /** ms between calls of `tick`. */
  readonly tickInterval: number;
  readonly #self: Self;
  readonly #sink: Sink;
  readonly #mtu: number;
  readonly #maps: Maps;
  readonly #neighbours: Neighbours;
  readonly #learned = new LearnedInitiators();
  /** Changes whenever a forwarding decision may come out differently. */
  #epoch = 0;
  /** Filled again for each datagram. */
  readonly #header = new BierHeader();
  readonly #packet = new InnerView();
  readonly #isLive = (target: Target) => this.#neighbours.isLive(target);
  readonly #decisions = new Decisions(this.#isLive, this.counters);

  /** @throws RangeError when the map does not know this host's zone. */
  constructor(options: RouterOptions) {
    const helloInterval = options.helloInterval ?? HELLO_INTERVAL;
    this.#self = options.self;
    this.#sink = options.sink;
    this.#mtu = options.mtu ?? DEFAULT_MTU;
    this.tickInterval = helloInterval || IDLE_TICK_INTERVAL;
    this.#maps = new Maps(options.map, options.self);
    const transmitHello = (hop: Hop, hello: Uint8Array) => {
      this.counters.hellosSent++;
      this.#sink.transmit(hop, hello, NOTHING);
    };
    this.#neighbours = new Neighbours(this.#maps.current, helloInterval, transmitHello, () => this.#forgetDecisions());
  }

  get map(): ClusterMap {
    return this.#maps.current.map;
  }

  /** This host in the map, if it is a target. */
  get target(): Target | undefined {
    return this.#maps.current.self;
  }

  /**
   * Prepares a destination for any number of datagrams.
   * @throws RangeError when it is unknown, or nothing would fit an underlay packet.
   */
  route(destination: Destination, options: EnvelopeOptions, now: number): Outbound {
    const view = this.#maps.current;
    const parts = resolveDestination(view, destination, (address) => this.#learned.find(address, now));
    const outbound = makeOutbound(view, this.#self, this.#mtu, destination, parts, options);
    if (outbound.maxPayload > 0) return outbound;
    throw new RangeError(`an underlay packet of ${this.#mtu} bytes has no room for a payload`);
  }

  /**
   * Sends one datagram to a prepared destination; after a reload the destination is looked up again.
   * @throws RangeError when the payload is too long, or the destination is no longer in the map.
   */
  send(outbound: Outbound, payload: Uint8Array, now: number): void {
    this.#refresh(outbound, now);
    const { maxPayload } = outbound;
    if (payload.length > maxPayload) {
      throw new RangeError(`a payload of ${payload.length} bytes is too long: at most ${maxPayload}`);
    }
    for (const envelope of outbound.envelopes) {
      const { fields } = envelope;
      const inner = Buffer.allocUnsafe(innerOverhead(fields.announce !== undefined) + payload.length);
      encodeInner(inner, fields, payload);
      this.#originate(outbound, envelope, inner, payload.length);
    }
  }

  /**
   * Sends an IPv6 packet that a program of this host has made, from this host's overlay address to the destination, which is an address.
   * It travels as it is, but for the announce of a host that is in no map.
   * @param bytes of payload in it, for the record
   * @throws RangeError when it is longer than `maxPacket`, or the destination is no longer in the map.
   */
  sendPacket(outbound: Outbound, packet: Uint8Array, bytes: number, now: number): void {
    this.#refresh(outbound, now);
    if (packet.length > outbound.maxPacket) {
      throw new RangeError(`a packet of ${packet.length} bytes is too long: at most ${outbound.maxPacket}`);
    }
    // The members that one address names are all in one set.
    const envelope = outbound.envelopes[0]!;
    const { announce } = envelope.fields;
    this.#originate(outbound, envelope, announce ? withAnnounce(packet, announce) : packet, bytes);
  }

  /** Looks the destination up again if the map is another one now. @throws RangeError when it is no longer there */
  #refresh(outbound: Outbound, now: number): void {
    if (outbound.view === this.#maps.current) return;
    Object.assign(outbound, this.route(outbound.destination, outbound.options, now));
  }

  #originate({ view, options }: Outbound, envelope: Envelope, inner: Uint8Array, bytes: number): void {
    const { part, header, fields } = envelope;
    this.counters.originated++;
    this.#sink.sent?.(inner, { to: part.to, group: part.group, attempt: options.attempt, bytes });
    if (part.initiator) {
      this.#transmit(wayTo(view, part.initiator.endpoint, this.#isLive), header, inner);
      return;
    }
    if (!envelope.decision || envelope.epoch !== this.#epoch) {
      envelope.decision = this.#decisions.make(view, part.bift, part.bits, fields.flowLabel, undefined);
      envelope.epoch = this.#epoch;
    }
    const { sends, own } = envelope.decision;
    for (const { hop, bits } of sends) {
      patchHeader(header, INITIAL_TTL, bits);
      this.#transmit(hop, header, inner);
    }
    if (own) this.#deliverOwn(inner);
  }

  /**
   * Takes one datagram from the underlay: forwards it to the other targets it is for, then delivers it here. The header is patched
   * in place; the inner packet is not touched, and must stay as it is for as long as the sink may keep it.
   * @param from outer source, see `endpointKey`; whoever uses this host's own is a liar. Over a connection: the MRouter of the other end
   * @param tunnel what it came through
   */
  receive(datagram: Uint8Array, from: number, now: number, tunnel: TunnelKind = 'udp'): void {
    let problem: DropReason | undefined;
    if (from === this.#self.endpoint.key) problem = 'unknown-source';
    else if (isHello(datagram)) {
      this.counters.hellosReceived++;
      problem = this.#receiveHello(datagram, from, now, tunnel);
    } else {
      this.counters.received++;
      this.counters.receivedBytes += datagram.length;
      problem = this.#forward(datagram, from, now, tunnel);
    }
    if (problem) this.drop(problem);
  }

  /** To be called every `tickInterval`: sends hellos, notices the dead, forgets what has expired. */
  tick(now: number): void {
    this.#learned.expire(now);
    this.#maps.expire(now);
    this.#neighbours.tick();
  }

  /**
   * Puts another map in force. The labels of the present one are understood for another 2 s, so nothing under way is lost.
   * @throws RangeError when the map does not know this host's zone; then nothing has changed.
   */
  reload(map: ClusterMap, now: number): void {
    this.#maps.replace(map, now);
    this.#neighbours.replaceMap(this.#maps.current);
    this.#forgetDecisions();
  }

  /** The MTU of an interface for the programs of this host, bytes; `undefined` when the underlay's is too small for IPv6. */
  get interfaceMtu(): number | undefined {
    return interfaceMtu(this.#maps.current, this.#mtu);
  }

  /** Whether a target (by name) gave a sign of life lately; true while nothing is known. */
  isLive(name: string): boolean {
    const target = this.map.targetByName.get(name);
    return target === undefined || this.#neighbours.isLive(target);
  }

  /** The connections of this host's zone, and who owns them; none where this host can own none. */
  get connections(): Connection[] {
    return this.target ? connectionsOf(this.#maps.current, this.#isLive) : [];
  }

  /** To be called when a connection of this host is up: says hello over it at once. @param zone name of the zone at the other end */
  connected(zone: string): void {
    const view = this.#maps.current;
    const link = view.links.get(view.map.zoneByName.get(zone)!);
    if (link) this.#neighbours.greet(link);
  }

  /** What a person would like to know. */
  status(now: number) {
    const { endpoint, zone, overlay } = this.#self;
    return {
      address: formatIpv6(overlay),
      underlay: `${endpoint.address}:${endpoint.port}`,
      zone,
      target: this.target?.name ?? null,
      mapDigest: this.map.digest.toString(16).padStart(8, '0'),
      dead: this.#neighbours.dead.map((target) => target.name),
      otherMaps: this.#neighbours.otherMaps.map((target) => target.name),
      initiators: this.#learned
        .list(now)
        .map((known) => ({ address: known.address, underlay: known.endpoint.address })),
    };
  }

  /** Counts a drop; also one that happened outside, in a tunnel or an application. */
  drop(reason: DropReason): void {
    this.counters.dropped[reason]++;
    this.#sink.dropped?.(reason);
  }

  /** @returns why the datagram is dropped here, after the copies that could leave have left. */
  #forward(datagram: Uint8Array, from: number, now: number, tunnel: TunnelKind): DropReason | undefined {
    if (datagram.length > DATAGRAM_LIMIT) return 'oversized';
    const header = this.#header;
    const malformed = decodeHeader(datagram, header);
    if (malformed) return malformed;
    const { ttl, length } = header;
    if (header.proto !== PROTO_IPV6) return 'wrong-protocol';
    const view = this.#maps.withLabel(header.biftId, now);
    if (!view) return 'unknown-bift';
    const bift = view.bifts.get(header.biftId)!;
    if (header.bitStringLength !== bift.set.group.bitStringLength) return 'bit-string-length-mismatch';
    if (ttl === 0) return 'ttl-expired';
    const inner = datagram.subarray(length);
    const packet = this.#packet;
    const unreadable = decodeInner(inner, packet);
    if (unreadable) return unreadable;

    const peer = this.#maps.findPeer(from, view, now);
    const ingress = peer ? peer.zone : view.zoneOf(from);
    if (!this.#maps.admit(tunnel, ingress?.name, now)) return 'wrong-tunnel';
    const reply = isEmpty(datagram.subarray(FIXED_HEADER_BYTES, length));
    const sender = peer ? 'peer' : this.#learned.knowsEndpoint(from, now) ? 'learned' : 'stranger';
    const distrusted = distrust(view, sender, from, inner, packet, reply);
    if (distrusted) return distrusted;
    const connected = isConnection(tunnel);
    if (peer) this.#neighbours.heard(from);
    if (connected) this.#neighbours.heardOver(ingress!);

    if (tunnel === 'native') return this.#overhear(view, bift, datagram, inner, now);
    // A host of this zone hands over what is for other zones: that is no hop of its own.
    const handed = ingress === view.zone;
    const left = handed ? ttl : ttl - 1;
    if (reply) {
      // Legal only to an initiator: a target has a bit.
      const mine = !view.self && sameIpv6(inner, INNER_DESTINATION_OFFSET, this.#self.overlay);
      if (mine) return this.#deliver(inner, packet, now);
      const key = endpointKey(packet.announcedAddress, packet.announcedPort);
      const hop = peer && packet.announced && wayOn(view, endpointOfKey(key), connected, this.#isLive);
      return hop ? this.#pass(hop, datagram, left, inner) : 'empty-bit-string';
    }
    const { problem, own, sends, loops, refused } = this.#decisions.forReceived(view, bift, datagram, header, ingress);
    if (problem) return problem;
    for (let i = 0; i < loops; i++) this.drop('loop');
    for (let i = 0; i < refused; i++) this.drop('not-owner');
    for (const { hop, bits } of left > 0 ? sends : []) {
      datagram.set(bits, FIXED_HEADER_BYTES);
      this.#pass(hop, datagram, left, inner);
    }
    if (left === 0 && sends.length > 0) this.drop('ttl-expired');
    // The owner too has to know an initiator that hands over a request: the data that follows announces nothing.
    if (handed && sends.length > 0 && packet.announced && this.#isIntact(inner, packet))
      this.#learn(inner, packet, now);
    if (!own) return undefined;
    if (!isAddressee(inner, this.#self.overlay, bift.set, view.bitIn(bift))) return 'wrong-destination';
    return this.#deliver(inner, packet, now);
  }

  #receiveHello(datagram: Uint8Array, from: number, now: number, tunnel: TunnelKind): DropReason | undefined {
    const view = this.#maps.current;
    const zone = view.peer(from)?.zone ?? view.zoneOf(from);
    if (!this.#maps.admit(tunnel, zone?.name, now)) return 'wrong-tunnel';
    const link = zone && view.links.get(zone);
    if (!link || tunnel === 'udp') return this.#neighbours.receive(datagram, from);
    return this.#neighbours.receiveOver(link, datagram, from);
  }

  /** A frame to a multicast group of the zone reaches all who are in it: each takes its own bit and leaves the rest to the others. */
  #overhear(view: MapView, bift: Bift, datagram: Uint8Array, inner: Uint8Array, now: number): DropReason | undefined {
    const bit = view.bitIn(bift);
    if (bit < 0 || !hasBit(datagram.subarray(FIXED_HEADER_BYTES, this.#header.length), bit)) {
      this.counters.overheard++;
      return undefined;
    }
    if (!isAddressee(inner, this.#self.overlay, bift.set, bit)) return 'wrong-destination';
    return this.#deliver(inner, this.#packet, now);
  }

  /** Sends a received datagram on, its bits already those of the copy. @param ttl for the copy */
  #pass(hop: Hop, datagram: Uint8Array, ttl: number, inner: Uint8Array): DropReason | undefined {
    if (ttl === 0) return 'ttl-expired';
    datagram[TTL_OFFSET] = ttl;
    this.counters.relayed++;
    this.#transmit(hop, datagram.subarray(0, datagram.length - inner.length), inner);
    return undefined;
  }

  #deliver(inner: Uint8Array, packet: InnerView, now: number): DropReason | undefined {
    if (!this.#isIntact(inner, packet)) return 'inner-checksum';
    this.#learn(inner, packet, now);
    if (!this.#sink.deliver(inner, packet)) return 'no-application';
    this.counters.delivered++;
    return undefined;
  }

  #isIntact(inner: Uint8Array, packet: InnerView): boolean {
    return packet.protocol !== PROTOCOL_UDP || innerChecksumHolds(inner, packet);
  }

  /** Learns from the announce of a request how to reach who is in no map. */
  #learn(inner: Uint8Array, packet: InnerView, now: number): void {
    if (!packet.announced || !this.target) return;
    const key = endpointKey(packet.announcedAddress, packet.announcedPort);
    this.#learned.learn(formatIpv6(inner, INNER_SOURCE_OFFSET), key, now);
  }

  /** A datagram to a group that its sender is in. */
  #deliverOwn(inner: Uint8Array): void {
    const packet = new InnerView();
    decodeInner(inner, packet);
    if (this.#sink.deliver(inner, packet)) this.counters.delivered++;
    else this.drop('no-application');
  }

  #transmit(hop: Hop, header: Uint8Array, inner: Uint8Array): void {
    this.counters.transmitted++;
    this.counters.transmittedBytes += header.length + inner.length;
    this.#sink.transmit(hop, header, inner);
  }

  #forgetDecisions(): void {
    this.#epoch++;
    this.#maps.forgetDecisions();
  }
}
