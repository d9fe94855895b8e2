import type { Socket } from 'node:net';
import { formatIpv4 } from '../overlay/index.ts';
import { FRAME_LENGTH_BYTES, FRAME_LIMIT } from './constants.ts';

const NOTHING = Buffer.alloc(0);

/** Header and inner packet as one frame: 16 bits of length, network order, then the bytes. RFC 4571 §2 */
export function frame(header: Uint8Array, inner: Uint8Array): Buffer {
  const length = header.length + inner.length;
  if (length > FRAME_LIMIT) throw new RangeError(`a datagram of ${length} bytes is too long for a frame`);
  const bytes = Buffer.allocUnsafe(FRAME_LENGTH_BYTES + length);
  bytes.writeUInt16BE(length);
  bytes.set(header, FRAME_LENGTH_BYTES);
  bytes.set(inner, FRAME_LENGTH_BYTES + header.length);
  return bytes;
}

/** Takes a stream of frames apart, however its bytes come in; each byte is copied once at most. Holds one unfinished frame at most. */
export class Deframer {
  /** The first byte of a length whose second one has not come. */
  #half: number | undefined;
  /** A frame of which `#filled` bytes have come. */
  #frame: Buffer | undefined;
  #filled = 0;

  /** @param each gets every datagram that is complete now: a view on bytes that nobody uses any more. An empty one says nothing. */
  push(chunk: Buffer, each: (datagram: Buffer) => void): void {
    let at = this.#finish(chunk, each);
    while (chunk.length - at >= FRAME_LENGTH_BYTES) {
      const start = at + FRAME_LENGTH_BYTES;
      const end = start + chunk.readUInt16BE(at);
      if (end > chunk.length) {
        this.#begin(end - start);
        this.#fill(chunk, start);
        return;
      }
      at = end;
      if (end > start) each(chunk.subarray(start, end));
    }
    if (at < chunk.length) this.#half = chunk[at];
  }

  /** Goes on with what the chunk before had begun. @returns how many bytes of this one belong to that */
  #finish(chunk: Buffer, each: (datagram: Buffer) => void): number {
    let at = 0;
    if (this.#half !== undefined && chunk.length > 0) {
      this.#begin((this.#half << 8) | chunk[0]!);
      this.#half = undefined;
      at = 1;
    }
    if (!this.#frame) return at;
    at = this.#fill(chunk, at);
    const frame = this.#frame;
    if (this.#filled === frame.length) {
      this.#frame = undefined;
      if (frame.length > 0) each(frame);
    }
    return at;
  }

  #begin(length: number): void {
    this.#frame = Buffer.allocUnsafe(length);
    this.#filled = 0;
  }

  /** @returns where the chunk goes on */
  #fill(chunk: Buffer, from: number): number {
    const copied = chunk.copy(this.#frame!, this.#filled, from);
    this.#filled += copied;
    return from + copied;
  }
}

/** Sends one last datagram. */
export function sayAndClose(socket: Socket, datagram: Uint8Array): void {
  socket.end(frame(datagram, NOTHING), () => socket.destroy());
}

/** Where a BIER header has its nibble 5 and a hello 1, a redirect has this. */
const REDIRECT_NIBBLE = 2;

/**
 * What an MRouter says to a dialler when another one of its zone owns the connection, before it hangs up:
 *
 *     | 0 (32)                                            |
 *     | nibble 2 (4) | version 0 (4) | 0 (24)             |
 *     | IPv4 address of the owner (32)                    |
 */
export function encodeRedirect(address: number): Uint8Array {
  const bytes = Buffer.alloc(12);
  bytes[4] = REDIRECT_NIBBLE << 4;
  bytes.writeUInt32BE(address, 8);
  return bytes;
}

/** The address of the owner, dotted; `undefined` when it is no redirect. */
export function decodeRedirect(datagram: Buffer): string | undefined {
  if (datagram.length !== 12 || datagram[4] !== REDIRECT_NIBBLE << 4) return undefined;
  return formatIpv4(datagram.readUInt32BE(8));
}
