import { createHash, type Hash } from 'node:crypto';
import { bitmapBytes, hasBit, setBit } from '../replicast/bitmap.ts';
import { datagramCount } from '../replicast/messages/data.ts';
import type { Reassembly, ReassemblyFactory } from '../replicast/reassembly.ts';
import type { BufferPool } from './buffer-pool.ts';
import { HASH_STEP } from './constants.ts';

/**
 * Puts the datagrams of one chunk where they belong in its buffer, and hashes the part without gaps while the rest is
 * still under way, so that a chunk is verified as good as the moment it is complete.
 */
export class ChunkReassembly implements Reassembly {
  readonly count: number;
  readonly chunk: Uint8Array;
  readonly #datagram: number;
  readonly #pool: BufferPool;
  #received = 0;
  #came: Uint8Array;
  /** Index of the first datagram that has not come. */
  #frontier = 0;
  #hash: Hash = createHash('sha256');
  #hashed = 0;
  #digest: string | undefined;

  /** @param length bytes of the chunk; @param datagram payload bytes of every datagram but the last */
  constructor(length: number, datagram: number, pool: BufferPool) {
    this.count = datagramCount(length, datagram);
    this.chunk = pool.take(length);
    this.#datagram = datagram;
    this.#pool = pool;
    this.#came = new Uint8Array(bitmapBytes(this.count));
  }

  get received(): number {
    return this.#received;
  }

  get complete(): boolean {
    return this.#received === this.count;
  }

  add(index: number, payload: Uint8Array): boolean {
    if (index >= this.count || hasBit(this.#came, index) || payload.length !== this.#sizeOf(index)) return false;
    this.chunk.set(payload, index * this.#datagram);
    setBit(this.#came, index);
    this.#received++;
    if (index === this.#frontier) {
      do this.#frontier++;
      while (this.#frontier < this.count && hasBit(this.#came, this.#frontier));
      if (this.#contiguous() - this.#hashed >= HASH_STEP) this.#hashUp();
    }
    return true;
  }

  missing(): Uint8Array {
    const bitmap = new Uint8Array(this.#came.length);
    for (let index = this.#frontier; index < this.count; index++) {
      if (!hasBit(this.#came, index)) setBit(bitmap, index);
    }
    return bitmap;
  }

  hash(): string {
    if (!this.complete) throw new RangeError(`${this.count - this.#received} datagrams are missing`);
    this.#hashUp();
    this.#digest ??= this.#hash.digest('hex');
    return this.#digest;
  }

  reset(): void {
    this.#received = 0;
    this.#came = new Uint8Array(this.#came.length);
    this.#frontier = 0;
    this.#hash = createHash('sha256');
    this.#hashed = 0;
    this.#digest = undefined;
  }

  release(): void {
    this.#pool.give(this.chunk);
  }

  #sizeOf(index: number): number {
    return index === this.count - 1 ? this.chunk.length - index * this.#datagram : this.#datagram;
  }

  #contiguous(): number {
    return Math.min(this.chunk.length, this.#frontier * this.#datagram);
  }

  #hashUp(): void {
    const end = this.#contiguous();
    if (end === this.#hashed) return;
    this.#hash.update(this.chunk.subarray(this.#hashed, end));
    this.#hashed = end;
  }
}

/** Makes reassemblies whose buffers come from one pool. */
export function reassemblies(pool: BufferPool): ReassemblyFactory {
  return (length, datagram) => new ChunkReassembly(length, datagram, pool);
}
