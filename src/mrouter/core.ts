import {
  addressText,
  type DropReason,
  decodeInner,
  endpointKey,
  INNER_SOURCE_OFFSET,
  InnerView,
  innerChecksumHolds,
  PROTOCOL_UDP,
  type Target,
} from '../overlay/index.ts';
import { HELLO_INTERVAL } from './constants.ts';
import { Counters } from './counters.ts';
import { Decisions } from './decisions.ts';
import { LearnedInitiators } from './learned.ts';
import type { Self } from './map-view.ts';
import { Maps } from './maps.ts';
import { Neighbours } from './neighbours.ts';
import type { RouterOptions } from './router.ts';
import type { Hop, Sink } from './sink.ts';

const NOTHING = new Uint8Array(0);

/** What a host's router knows, and its way out: shared by its parts, those that originate datagrams and those that forward them. */
export class RouterCore {
  readonly counters = new Counters();
  readonly self: Self;
  readonly sink: Sink;
  readonly maps: Maps;
  readonly neighbours: Neighbours;
  readonly learned = new LearnedInitiators();
  readonly isLive = (target: Target) => this.neighbours.isLive(target);
  readonly decisions = new Decisions(this.isLive, this.counters);
  #epoch = 0;

  /** @throws RangeError when the map does not know this host's zone. */
  constructor({ map, self, sink, helloInterval = HELLO_INTERVAL }: RouterOptions) {
    this.self = self;
    this.sink = sink;
    this.maps = new Maps(map, self);
    const transmitHello = (hop: Hop, hello: Uint8Array) => {
      this.counters.hellosSent++;
      sink.transmit(hop, hello, NOTHING);
    };
    this.neighbours = new Neighbours(this.maps.current, helloInterval, transmitHello, () => this.forgetDecisions());
  }

  /** Changes whenever a forwarding decision may come out differently. */
  get epoch(): number {
    return this.#epoch;
  }

  forgetDecisions(): void {
    this.#epoch++;
    this.maps.forgetDecisions();
  }

  transmit(hop: Hop, header: Uint8Array, inner: Uint8Array): void {
    this.counters.transmitted++;
    this.counters.transmittedBytes += header.length + inner.length;
    this.sink.transmit(hop, header, inner);
  }

  /**
   * Sends many datagrams that lie one after another, `size` bytes each with a header of `headerBytes`, to one place.
   * @param lent they may change afterwards
   */
  transmitAll(hop: Hop, bytes: Uint8Array, size: number, headerBytes: number, lent: boolean): void {
    if (this.sink.transmitBatch) {
      this.counters.transmitted += bytes.length / size;
      this.counters.transmittedBytes += bytes.length;
      this.sink.transmitBatch(hop, { bytes, size }, headerBytes, lent);
      return;
    }
    for (let at = 0; at < bytes.length; at += size) {
      this.transmit(hop, bytes.subarray(at, at + headerBytes), bytes.subarray(at + headerBytes, at + size));
    }
  }

  /** Counts a drop. */
  drop(reason: DropReason): void {
    this.counters.dropped[reason]++;
    this.sink.dropped?.(reason);
  }

  /** Gives a received datagram to this host's application, if nothing is wrong with it. */
  deliver(inner: Uint8Array, packet: InnerView, now: number): DropReason | undefined {
    if (!isIntact(inner, packet)) return 'inner-checksum';
    this.learn(inner, packet, now);
    if (!this.sink.deliver(inner, packet)) return 'no-application';
    this.counters.delivered++;
    return undefined;
  }

  /**
   * The same for many that are alike and lie one after another, none of them a request that announces somebody.
   * @param size bytes of each, with a header of `headerBytes`
   */
  deliverAlike(bytes: Uint8Array, size: number, headerBytes: number, packet: InnerView): void {
    let begin = 0;
    for (let at = 0; at < bytes.length; at += size) {
      if (isIntact(bytes, packet, at + headerBytes)) continue;
      this.#deliverRun(bytes.subarray(begin, at), size, headerBytes, packet);
      this.drop('inner-checksum');
      begin = at + size;
    }
    this.#deliverRun(begin === 0 ? bytes : bytes.subarray(begin), size, headerBytes, packet);
  }

  #deliverRun(bytes: Uint8Array, size: number, headerBytes: number, packet: InnerView): void {
    if (bytes.length === 0) return;
    if (this.sink.deliverBatch?.({ bytes, size }, headerBytes, packet)) {
      this.counters.delivered += bytes.length / size;
      return;
    }
    for (let at = 0; at < bytes.length; at += size) {
      if (this.sink.deliver(bytes.subarray(at + headerBytes, at + size), packet)) this.counters.delivered++;
      else this.drop('no-application');
    }
  }

  /** A datagram to a group that its sender is in. */
  deliverOwn(inner: Uint8Array): void {
    const packet = new InnerView();
    decodeInner(inner, packet);
    if (this.sink.deliver(inner, packet)) this.counters.delivered++;
    else this.drop('no-application');
  }

  /** Learns from the announce of a request how to reach who is in no map. */
  learn(inner: Uint8Array, packet: InnerView, now: number): void {
    if (!packet.announced || !this.maps.current.self) return;
    const key = endpointKey(packet.announcedAddress, packet.announcedPort);
    this.learned.learn(addressText(inner, INNER_SOURCE_OFFSET), key, now);
  }
}

/** Whether the checksum of an inner packet holds, where it has one that is known here. @param at where the packet starts */
export function isIntact(bytes: Uint8Array, packet: InnerView, at = 0): boolean {
  return packet.protocol !== PROTOCOL_UDP || innerChecksumHolds(bytes, packet, at);
}
