import type { Route } from '../overlay/socket.ts';
import type { Clock } from './clock.ts';
import { MAX_BURST } from './constants.ts';
import { Pace } from './pace.ts';

/** What goes before each piece of a chunk, so that its receiver can tell which one it is. */
export interface ChunkPrefix {
  /** Bytes, the same for every piece. */
  readonly bytes: number;
  /** Writes it. @param into of that length @param index of the piece, from 0 @param count of all pieces */
  write(into: Uint8Array, index: number, count: number): void;
}

export interface ChunkSending {
  clock: Clock;
  route: Route;
  /** bit/s on the wire, headers and Ethernet included; where several copies leave, of each of them. */
  rate: number;
  /** Bytes on the wire of each datagram beside its payload. */
  overhead: number;
  /** Goes before each piece, since pieces get lost and overtake one another. Default: nothing. */
  prefix?: ChunkPrefix | undefined;
  /** Ends it early. */
  signal?: AbortSignal | undefined;
}

/** How a chunk was sent. */
export interface SentChunk {
  /** Datagrams, one for each piece. */
  datagrams: number;
  /** Of the chunk, without prefixes. */
  bytes: number;
  /** From the first datagram to the end of the last one's time on the wire. */
  ms: number;
}

/**
 * Sends a buffer in pieces that fill their datagrams, in order, at an even rate, a few at a time: whatever else this host sends leaves in
 * between. The bytes must not change until it is done.
 * @throws RangeError when there is nothing to send, the rate is none or the prefix leaves no room; the signal's reason when it is aborted;
 * what `route.send` throws
 */
export async function sendChunk(chunk: Uint8Array, sending: ChunkSending): Promise<SentChunk> {
  const { clock, route, rate, overhead, prefix, signal } = sending;
  const head = prefix?.bytes ?? 0;
  const piece = route.maxPayload - head;
  if (chunk.length === 0) throw new RangeError('a chunk has at least one byte');
  if (!(rate > 0 && rate < Number.POSITIVE_INFINITY)) throw new RangeError(`a rate of ${rate} bit/s is none`);
  if (piece <= 0)
    throw new RangeError(`a prefix of ${head} bytes leaves no room: a datagram takes ${route.maxPayload}`);
  const count = Math.ceil(chunk.length / piece);
  const start = clock.now();
  const pace = new Pace(start, rate);
  for (let index = 0; index < count; ) {
    signal?.throwIfAborted();
    const sizes = Array.from(
      { length: Math.min(MAX_BURST, count - index) },
      (_, i) => Math.min(piece, chunk.length - (index + i) * piece) + head + overhead,
    );
    for (const end = index + pace.due(clock.now(), sizes); index < end; index++) {
      route.send(payloadOf(chunk.subarray(index * piece, (index + 1) * piece), prefix, index, count));
    }
    await until(clock, pace.next, signal);
  }
  return { datagrams: count, bytes: chunk.length, ms: clock.now() - start };
}

function payloadOf(piece: Uint8Array, prefix: ChunkPrefix | undefined, index: number, count: number): Uint8Array {
  if (!prefix) return piece;
  const payload = Buffer.allocUnsafe(prefix.bytes + piece.length);
  prefix.write(payload.subarray(0, prefix.bytes), index, count);
  payload.set(piece, prefix.bytes);
  return payload;
}

function until(clock: Clock, at: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      cancel();
      reject(signal!.reason);
    };
    const cancel = clock.wake(at, () => {
      signal?.removeEventListener('abort', abort);
      resolve();
    });
    signal?.addEventListener('abort', abort, { once: true });
  });
}
