import {
  type ClusterMap,
  type Destination,
  type DropReason,
  formatIpv6,
  type Target,
  type WritePayload,
} from '../overlay/index.ts';
import { type Connection, connectionsOf } from './connections.ts';
import { DEFAULT_MTU, HELLO_INTERVAL, IDLE_TICK_INTERVAL } from './constants.ts';
import { RouterCore } from './core.ts';
import type { Counters } from './counters.ts';
import { Forwarder } from './forwarder.ts';
import { isHello } from './hello.ts';
import { interfaceMtu } from './interface-mtu.ts';
import type { Self } from './map-view.ts';
import { Originator } from './originator.ts';
import type { EnvelopeOptions, Outbound } from './outbound.ts';
import type { Batch, Sink, TunnelKind } from './sink.ts';

export interface RouterOptions {
  map: ClusterMap;
  self: Self;
  sink: Sink;
  /** Bytes of an underlay IP packet, default 1500. */
  mtu?: number | undefined;
  /** ms between hellos, default 200; 0 = none are sent and every target counts as live. */
  helloInterval?: number | undefined;
}

/**
 * The overlay's router on one host, without sockets or timers: datagrams and the time in, effects out through a `Sink`.
 * All times are ms on one monotonic clock. It never throws on what comes from the underlay: what is wrong is counted by reason.
 */
export class Router {
  /** ms between calls of `tick`. */
  readonly tickInterval: number;
  readonly #mtu: number;
  readonly #core: RouterCore;
  readonly #originator: Originator;
  readonly #forwarder: Forwarder;

  /** @throws RangeError when the map does not know this host's zone. */
  constructor(options: RouterOptions) {
    this.#mtu = options.mtu ?? DEFAULT_MTU;
    this.tickInterval = (options.helloInterval ?? HELLO_INTERVAL) || IDLE_TICK_INTERVAL;
    this.#core = new RouterCore(options);
    this.#originator = new Originator(this.#core, this.#mtu);
    this.#forwarder = new Forwarder(this.#core);
  }

  get counters(): Counters {
    return this.#core.counters;
  }

  get map(): ClusterMap {
    return this.#core.maps.current.map;
  }

  /** This host in the map, if it is a target. */
  get target(): Target | undefined {
    return this.#core.maps.current.self;
  }

  /**
   * Prepares a destination for any number of datagrams.
   * @throws RangeError when it is unknown, or nothing would fit an underlay packet.
   */
  route(destination: Destination, options: EnvelopeOptions, now: number): Outbound {
    return this.#originator.route(destination, options, now);
  }

  /**
   * Sends one datagram to a prepared destination; after a reload the destination is looked up again.
   * @throws RangeError when the payload is too long, or the destination is no longer in the map.
   */
  send(outbound: Outbound, payload: Uint8Array, now: number): void {
    this.#originator.send(outbound, payload, now);
  }

  /** The same for many datagrams as long as each other: see `Route.sendMany`. */
  sendMany(outbound: Outbound, count: number, length: number, write: WritePayload, now: number): void {
    this.#originator.sendMany(outbound, count, length, write, now);
  }

  /**
   * Sends an IPv6 packet that a program of this host has made, from this host's overlay address to the destination, which is an address.
   * It travels as it is, but for the announce of a host that is in no map.
   * @param bytes of payload in it, for the record
   * @throws RangeError when it is longer than `maxPacket`, or the destination is no longer in the map.
   */
  sendPacket(outbound: Outbound, packet: Uint8Array, bytes: number, now: number): void {
    this.#originator.sendPacket(outbound, packet, bytes, now);
  }

  /**
   * Takes one datagram from the underlay: forwards it to the other targets it is for, then delivers it here. The header is patched
   * in place; the inner packet is not touched, and must stay as it is for as long as the sink may keep it.
   * @param from outer source, see `endpointKey`; whoever uses this host's own is a liar. Over a connection: the MRouter of the other end
   * @param tunnel what it came through
   */
  receive(datagram: Uint8Array, from: number, now: number, tunnel: TunnelKind = 'udp'): void {
    let problem: DropReason | undefined;
    if (from === this.#core.self.endpoint.key) problem = 'unknown-source';
    else if (isHello(datagram)) {
      this.counters.hellosReceived++;
      problem = this.#receiveHello(datagram, from, now, tunnel);
    } else {
      this.counters.received++;
      this.counters.receivedBytes += datagram.length;
      problem = this.#forwarder.forward(datagram, from, now, tunnel);
    }
    if (problem) this.drop(problem);
  }

  /**
   * Takes datagrams that came together. As `receive` for each of them in turn, only that those which are alike leave together: where a
   * host takes part itself, it gets its own after all copies have left.
   */
  receiveBatch({ bytes, size }: Batch, from: number, now: number, tunnel: TunnelKind = 'udp'): void {
    const stranger = from !== this.#core.self.endpoint.key;
    for (let at = 0; at < bytes.length; ) {
      const rest = at === 0 ? bytes : bytes.subarray(at);
      const alike = stranger && !isHello(rest) ? this.#forwarder.forwardAlike(rest, size, from, now, tunnel) : 0;
      if (alike === 0) this.receive(rest.subarray(0, size), from, now, tunnel);
      at += alike || size;
    }
  }

  /** To be called every `tickInterval`: sends hellos, notices the dead, forgets what has expired. */
  tick(now: number): void {
    this.#core.learned.expire(now);
    this.#core.maps.expire(now);
    this.#core.neighbours.tick();
  }

  /**
   * Puts another map in force. The labels of the present one are understood for another 2 s, so nothing under way is lost.
   * @throws RangeError when the map does not know this host's zone; then nothing has changed.
   */
  reload(map: ClusterMap, now: number): void {
    this.#core.maps.replace(map, now);
    this.#core.neighbours.replaceMap(this.#core.maps.current);
    this.#core.forgetDecisions();
  }

  /** The MTU of an interface for the programs of this host, bytes; `undefined` when the underlay's is too small for IPv6. */
  get interfaceMtu(): number | undefined {
    return interfaceMtu(this.#core.maps.current, this.#mtu);
  }

  /** Whether a target (by name) gave a sign of life lately; true while nothing is known. */
  isLive(name: string): boolean {
    const target = this.map.targetByName.get(name);
    return target === undefined || this.#core.neighbours.isLive(target);
  }

  /** The connections of this host's zone, and who owns them; none where this host can own none. */
  get connections(): Connection[] {
    return this.target ? connectionsOf(this.#core.maps.current, this.#core.isLive) : [];
  }

  /** To be called when a connection of this host is up: says hello over it at once. @param zone name of the zone at the other end */
  connected(zone: string): void {
    const view = this.#core.maps.current;
    const link = view.links.get(view.map.zoneByName.get(zone)!);
    if (link) this.#core.neighbours.greet(link);
  }

  /** What a person would like to know. */
  status(now: number) {
    const { endpoint, zone, overlay } = this.#core.self;
    return {
      address: formatIpv6(overlay),
      underlay: `${endpoint.address}:${endpoint.port}`,
      zone,
      target: this.target?.name ?? null,
      mapDigest: this.map.digest.toString(16).padStart(8, '0'),
      dead: this.#core.neighbours.dead.map((target) => target.name),
      otherMaps: this.#core.neighbours.otherMaps.map((target) => target.name),
      initiators: this.#core.learned
        .list(now)
        .map((known) => ({ address: known.address, underlay: known.endpoint.address })),
    };
  }

  /** Counts a drop; also one that happened outside, in a tunnel or an application. */
  drop(reason: DropReason): void {
    this.#core.drop(reason);
  }

  #receiveHello(datagram: Uint8Array, from: number, now: number, tunnel: TunnelKind): DropReason | undefined {
    const { maps, neighbours } = this.#core;
    const view = maps.current;
    const zone = view.peer(from)?.zone ?? view.zoneOf(from);
    if (!maps.admit(tunnel, zone?.name, now)) return 'wrong-tunnel';
    const link = zone && view.links.get(zone);
    if (!link || tunnel === 'udp') return neighbours.receive(datagram, from);
    return neighbours.receiveOver(link, datagram, from);
  }
}
