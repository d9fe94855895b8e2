import type { DropReason, Endpoint, InnerView, Target, Zone, ZoneTunnel } from '../overlay/index.ts';

/** What carries datagrams from one MRouter to the next. */
export type TunnelKind = 'udp' | 'native' | ZoneTunnel['kind'];

/** Where a copy goes next. The same object for the same place for as long as the map is in force, so tunnels may key by it. */
export type Hop = HostHop | ZoneHop;

/** An address of the underlay: of the next MRouter, or of a multicast group of the own zone. */
export interface HostHop {
  readonly tunnel: 'udp' | 'native';
  readonly endpoint: Endpoint;
  /** Absent when the underlay address is in no zone. */
  readonly zone: Zone | undefined;
  /** Absent for an initiator and for a multicast group. */
  readonly target: Target | undefined;
}

/** The far end of the connection to another zone, whoever owns it there. */
export interface ZoneHop {
  readonly tunnel: ZoneTunnel['kind'];
  readonly zone: Zone;
}

/** Overlay datagrams in one buffer, one after the other: `size` bytes each, the last one may be shorter. */
export interface Batch {
  readonly bytes: Uint8Array;
  readonly size: number;
}

/** A datagram that an application of this host hands to the overlay. */
export interface Origin {
  /** Names of the targets, or the overlay address of an initiator. */
  readonly to: readonly string[] | string;
  readonly group: string | undefined;
  readonly attempt: number;
  /** Bytes of payload. */
  readonly bytes: number;
}

/** What a router does to the world: everything it decides leaves through here, synchronously. */
export interface Sink {
  /** Sends `header` and `inner`, one after the other, as one underlay datagram. The bytes of both are valid during the call only. */
  transmit(hop: Hop, header: Uint8Array, inner: Uint8Array): void;
  /**
   * The same for many whole datagrams at once, for sinks that gain from it.
   * @param headerBytes of the header that each of them begins with
   * @param lent the bytes are valid during the call only; otherwise they stay as they are and may be kept
   */
  transmitBatch?(hop: Hop, batch: Batch, headerBytes: number, lent: boolean): void;
  /**
   * Gives an inner packet to the local application.
   * @param inner stays as it is and may be kept
   * @param view what the packet says; valid during the call only
   * @returns whether an application listens there
   */
  deliver(inner: Uint8Array, view: InnerView): boolean;
  /**
   * The same for packets that are alike (see `isAlike`) and came together, for sinks that gain from it.
   * @param batch datagrams of the overlay, all as long; stays as it is and may be kept
   * @param headerBytes of each before its inner packet
   * @returns whether an application took them; if not, each is delivered by itself
   */
  deliverBatch?(batch: Batch, headerBytes: number, view: InnerView): boolean;
  /** Told once for each datagram that originates here, before its copies leave. */
  sent?(inner: Uint8Array, origin: Origin): void;
  /** Told of each drop, after it was counted. */
  dropped?(reason: DropReason): void;
}
