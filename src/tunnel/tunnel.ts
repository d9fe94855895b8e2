import type { Batch, Hop, TunnelKind } from '../mrouter/index.ts';
import type { DropReason } from '../overlay/index.ts';

/** A batch that arrived, such as UDP GRO gives: at most `BATCH_LIMIT` datagrams. The receiver may change the bytes and keep them. */
export interface ReceivedBatch extends Batch {
  /** Outer source: see `endpointKey`. */
  readonly from: number;
  /** ms on CLOCK_MONOTONIC */
  readonly receivedAt: number;
  /** What it came through. */
  readonly tunnel: TunnelKind;
}

/** What a tunnel needs from the host it works for. */
export interface TunnelHost {
  onReceive(batch: ReceivedBatch): void;
  /** Told of each datagram that could not be sent. */
  onDrop(reason: DropReason): void;
  /** ms on CLOCK_MONOTONIC */
  now(): number;
}

/** A way to carry overlay datagrams to another MRouter. Delivery is never promised; order neither. */
export interface Tunnel<H extends Hop = Hop> {
  /** `udp`, … */
  readonly name: string;
  /** Sends one datagram whose header and inner packet are apart. The bytes of both may change as soon as the call returns. */
  send(hop: H, header: Uint8Array, inner: Uint8Array): void;
  /** What came since the last call when there was no room for it, as far as anybody can tell. */
  takeOverflow?(): number;
  close(): Promise<void>;
}

/** Calls `each` with every datagram of a batch. */
export function eachDatagram({ bytes, size }: Batch, each: (datagram: Uint8Array) => void): void {
  if (bytes.length <= size) each(bytes);
  else for (let at = 0; at < bytes.length; at += size) each(bytes.subarray(at, at + size));
}
