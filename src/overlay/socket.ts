/**
 * What an application sees of the overlay: an address, datagrams in, routes out.
 * `src/daemon` implements it over real tunnels, tests over a scripted network.
 */

/** Where datagrams go: some or all members of one group (by target name), or one overlay unicast address (IPv6 text). */
export type Destination = { group: string; members: readonly string[] } | { address: string };

export interface RouteOptions {
  /** Any 32-bit number that is the same for all datagrams of one transfer: relays are chosen by it. */
  flow: number;
  /** 1 for the first try; a retry has a new number and so takes another relay. */
  attempt: number;
  /**
   * Whether the datagrams tell targets how to reach this host if no cluster map lists it (an initiator).
   * Costs 16 bytes; needed on requests, not on the data that follows them. Default true.
   */
  announce?: boolean;
  /**
   * Whether the receivers have asked for these datagrams or made room for them. Where a queue is full, all others go first. They are
   * marked by their DSCP: `DSCP_SOLICITED`. Default false.
   */
  solicited?: boolean;
}

/** A destination whose relays and envelope are decided, for as many datagrams as wanted. */
export interface Route {
  /** Largest payload of one datagram, bytes. */
  readonly maxPayload: number;
  /** Hands one datagram to the overlay, which copies it. */
  send(payload: Uint8Array): void;
  /**
   * The same for `count` datagrams with payloads of `length` bytes, which are written where the overlay wants them, for routes that gain from it.
   * @param write writes the payload of the datagram with this number, from 0, to `into` from `at` on
   */
  sendMany?(count: number, length: number, write: WritePayload): void;
}

export type WritePayload = (index: number, into: Uint8Array, at: number) => void;

export interface ReceivedDatagram {
  /** Overlay address of the sender, canonical IPv6 text; a reply goes there. */
  source: string;
  payload: Uint8Array;
  /** When it arrived: ms on CLOCK_MONOTONIC. */
  receivedAt: number;
}

/** Payloads of one length in one buffer: the i-th is `bytes` from `i × step + start` up to `i × step + end`. */
export interface Payloads {
  bytes: Uint8Array;
  step: number;
  start: number;
  end: number;
}

/** Datagrams that came together from one sender. */
export interface ReceivedDatagrams extends Omit<ReceivedDatagram, 'payload'> {
  payloads: Payloads;
}

export interface OverlaySocket {
  /** This host's overlay address, canonical IPv6 text. */
  readonly address: string;
  /** @throws RangeError when the destination is unknown: no such group, no such member, no way to that address. */
  route(destination: Destination, options: RouteOptions): Route;
  /** @param together takes those that came together; by default `handler` gets each */
  onDatagram(handler: (datagram: ReceivedDatagram) => void, together?: (datagrams: ReceivedDatagrams) => void): void;
  /** Whether a target (by name) answered the last hellos; true while nothing is known. */
  isLive(target: string): boolean;
}
