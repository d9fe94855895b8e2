/**
 * A write-once store of chunks, named by their content hash (64 hex digits). What `put` has resolved survives the
 * death of the process and of the machine; what `get` returns has been verified against its name.
 */
export interface ChunkStore {
  /** Bytes of the record of a chunk; `undefined` when there is none. Says nothing about its being intact. */
  length(hash: string): number | undefined;
  /** Whether a chunk of so many bytes would fit. Cheap; may be a second old. */
  hasRoom(bytes: number): boolean;
  /** A chunk of so many bytes is on its way: what can be done for it ahead is begun. */
  expect(bytes: number): void;
  /**
   * Stores a chunk whose hash the caller has verified; resolves once it is durable. An intact record is left alone, a
   * corrupt one replaced. The bytes must not change until then.
   * @throws StoreFullError when there is no room; StoreError when the write failed for another reason
   */
  put(hash: string, chunk: Uint8Array): Promise<void>;
  /**
   * The chunk, verified; `undefined` when there is none, or none that is intact, which is counted.
   * @param allocate makes the buffer of exactly that many bytes in which it is returned
   */
  get(hash: string, allocate?: (bytes: number) => Uint8Array): Promise<Uint8Array | undefined>;
  /** Every record, intact or not. */
  list(): Iterable<StoredChunk>;
  readonly counters: StoreCounters;
  close(): Promise<void>;
}

export interface StoredChunk {
  hash: string;
  /** Bytes. */
  length: number;
}

export interface StoreCounters {
  puts: number;
  /** Puts of what was there already. */
  duplicates: number;
  gets: number;
  /** Records that did not match their name when read. */
  corrupt: number;
  failures: number;
}

export function newCounters(): StoreCounters {
  return { puts: 0, duplicates: 0, gets: 0, corrupt: 0, failures: 0 };
}

/** A chunk could not be written. */
export class StoreError extends Error {
  override name = 'StoreError';
}

/** There is no room for a chunk. */
export class StoreFullError extends StoreError {
  override name = 'StoreFullError';
}

/** The usual way to make room for a chunk. */
export function newBuffer(bytes: number): Uint8Array {
  return Buffer.allocUnsafeSlow(bytes);
}
