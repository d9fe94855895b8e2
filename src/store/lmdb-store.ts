import { statfsSync } from 'node:fs';
import { type Database, open, type RootDatabase } from 'lmdb';
import { contentHash, hashBytes, hashFromBytes } from '../replicast/hash.ts';
import {
  type ChunkStore,
  newBuffer,
  newCounters,
  type StoredChunk,
  StoreError,
  StoreFullError,
} from './chunk-store.ts';
import { DISK_RESERVE, FREE_SPACE_AGE, LIST_PAGE, REMAP_BYTES } from './constants.ts';

export interface LmdbStoreOptions {
  /** Folder of the database; made when it is not there. */
  path: string;
  /** Bytes of chunks it may hold; by default what the disk has. */
  limit?: number;
  readOnly?: boolean;
}

/**
 * The chunk store on LMDB: one table with the chunks, one with their lengths, so that a length is known without
 * touching the chunk.
 *
 * Durability: with `overlappingSync` off a commit writes the pages, calls fdatasync, then writes the meta page with
 * O_DSYNC, and only then does the promise of a put resolve. The file is never in a state that is not some commit's,
 * so a kill at any moment loses nothing that was acknowledged.
 *
 * `eventTurnBatching` is off because with it a failed commit (a full disk) rejects a promise that nobody can reach.
 */
export class LmdbStore implements ChunkStore {
  readonly counters = newCounters();
  readonly #options: LmdbStoreOptions;
  #root!: RootDatabase;
  #chunks!: Database<Buffer, Uint8Array>;
  #lengths!: Database<Buffer, Uint8Array>;
  /** Writes under way. */
  readonly #writing = new Map<string, Promise<void>>();
  #bytes = 0;
  #free = { bytes: 0, at: Number.NEGATIVE_INFINITY };
  /** Bytes read since the database was opened. */
  #read = 0;

  /** @throws StoreError when the folder cannot be opened as a database. */
  constructor(options: LmdbStoreOptions) {
    this.#options = options;
    try {
      this.#open();
    } catch (error) {
      throw new StoreError(`cannot open the chunk store in ${options.path}: ${(error as Error).message}`);
    }
    for (const { length } of this.list()) this.#bytes += length;
  }

  length(hash: string): number | undefined {
    const value = this.#lengths.get(hashBytes(hash));
    return value?.length === 4 ? value.readUInt32BE() : undefined;
  }

  hasRoom(bytes: number): boolean {
    if (this.#bytes + bytes > (this.#options.limit ?? Number.POSITIVE_INFINITY)) return false;
    const now = performance.now();
    if (now - this.#free.at > FREE_SPACE_AGE) this.#free = { bytes: freeSpace(this.#options.path), at: now };
    return this.#free.bytes >= bytes + DISK_RESERVE;
  }

  async put(hash: string, chunk: Uint8Array): Promise<void> {
    // Two initiators may bring the same chunk at the same time.
    const before = this.#writing.get(hash);
    if (before) return before;
    const written = this.#put(hash, chunk).finally(() => {
      this.#writing.delete(hash);
      this.#remap();
    });
    this.#writing.set(hash, written);
    return written;
  }

  async get(hash: string, allocate = newBuffer): Promise<Uint8Array | undefined> {
    const record = this.#verified(hash);
    if (!record) return undefined;
    this.counters.gets++;
    const chunk = allocate(record.length);
    chunk.set(record);
    return chunk;
  }

  /** Page by page, so that no cursor is open while the caller does something else with the store. */
  *list(): Iterable<StoredChunk> {
    let start: Buffer | undefined;
    for (;;) {
      const page = [...this.#chunks.getKeys({ ...(start && { start }), limit: LIST_PAGE })] as Buffer[];
      for (const key of page) {
        const hash = hashFromBytes(key);
        yield { hash, length: this.length(hash) ?? 0 };
      }
      const last = page.at(-1);
      if (!last || page.length < LIST_PAGE) return;
      start = Buffer.concat([last, Buffer.alloc(1)]);
    }
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#writing.values());
    await this.#root.close();
  }

  async #put(hash: string, chunk: Uint8Array): Promise<void> {
    if (this.length(hash) !== undefined && this.#verified(hash)) {
      this.counters.duplicates++;
      return;
    }
    if (!this.hasRoom(chunk.length)) {
      this.counters.failures++;
      throw new StoreFullError(`${chunk.length} bytes do not fit into ${this.#options.path}`);
    }
    const key = hashBytes(hash);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(chunk.length);
    // Reserved now, so that what several puts may write together is never more than there is.
    const replaced = this.length(hash) ?? 0;
    this.#bytes += chunk.length - replaced;
    this.#free.bytes -= chunk.length;
    try {
      await this.#root.batch(() => {
        this.#chunks.put(key, chunk as Buffer);
        this.#lengths.put(key, length);
      });
      this.counters.puts++;
    } catch (error) {
      this.#bytes -= chunk.length - replaced;
      this.counters.failures++;
      // LMDB explains a failed commit in a promise of its own, which must not stay unheard.
      const cause: Error =
        (await (error as { commitError?: Promise<never> }).commitError?.catch((why: Error) => why)) ?? (error as Error);
      this.#free.at = Number.NEGATIVE_INFINITY;
      const message = `cannot write ${chunk.length} bytes to ${this.#options.path}: ${cause.message}`;
      throw freeSpace(this.#options.path) < DISK_RESERVE ? new StoreFullError(message) : new StoreError(message);
    }
  }

  /** An intact record, in a buffer that is good only until the next read. */
  #verified(hash: string): Uint8Array | undefined {
    // LMDB reads into one buffer again and again, and says with `length` how much of it counts.
    const shared = this.#chunks.getBinaryFast(hashBytes(hash));
    if (!shared) return undefined;
    const record = new Uint8Array(shared.buffer, shared.byteOffset, shared.length);
    this.#read += record.length;
    this.#remap();
    if (contentHash(record) === hash) return record;
    this.counters.corrupt++;
    return undefined;
  }

  /** Opens the database anew when enough was read, as soon as no write is under way. */
  #remap(): void {
    if (this.#read < REMAP_BYTES || this.#writing.size > 0) return;
    void this.#root.close();
    this.#open();
  }

  #open(): void {
    this.#read = 0;
    this.#root = open({
      path: this.#options.path,
      readOnly: this.#options.readOnly ?? false,
      overlappingSync: false,
      eventTurnBatching: false,
      maxDbs: 2,
    });
    this.#chunks = this.#root.openDB('chunks', { encoding: 'binary', keyEncoding: 'binary' });
    this.#lengths = this.#root.openDB('lengths', { encoding: 'binary', keyEncoding: 'binary' });
  }
}

/** Bytes that this user may still write to the file system of `path`. */
function freeSpace(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}
