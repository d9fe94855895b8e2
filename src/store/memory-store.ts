import { contentHash } from '../replicast/hash.ts';
import { type ChunkStore, newBuffer, newCounters, type StoredChunk, StoreFullError } from './chunk-store.ts';

/** A chunk store for tests and measurements: nothing in it survives. */
export class MemoryStore implements ChunkStore {
  readonly counters = newCounters();
  readonly #chunks = new Map<string, Uint8Array>();
  readonly #limit: number;
  #bytes = 0;

  /** @param limit bytes it may hold */
  constructor(limit = Number.POSITIVE_INFINITY) {
    this.#limit = limit;
  }

  length(hash: string): number | undefined {
    return this.#chunks.get(hash)?.length;
  }

  hasRoom(bytes: number): boolean {
    return this.#bytes + bytes <= this.#limit;
  }

  expect(): void {}

  async put(hash: string, chunk: Uint8Array): Promise<void> {
    const before = this.#chunks.get(hash);
    if (before && contentHash(before) === hash) {
      this.counters.duplicates++;
      return;
    }
    if (!this.hasRoom(chunk.length)) {
      this.counters.failures++;
      throw new StoreFullError(`${chunk.length} bytes do not fit: ${this.#bytes} of ${this.#limit} bytes are used`);
    }
    this.#chunks.set(hash, new Uint8Array(chunk));
    this.#bytes += chunk.length - (before?.length ?? 0);
    this.counters.puts++;
  }

  async get(hash: string, allocate = newBuffer): Promise<Uint8Array | undefined> {
    const chunk = this.#chunks.get(hash);
    if (!chunk) return undefined;
    this.counters.gets++;
    if (contentHash(chunk) === hash) {
      const copy = allocate(chunk.length);
      copy.set(chunk);
      return copy;
    }
    this.counters.corrupt++;
    return undefined;
  }

  *list(): Iterable<StoredChunk> {
    for (const [hash, { length }] of this.#chunks) yield { hash, length };
  }

  async close(): Promise<void> {}
}
