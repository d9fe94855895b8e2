import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { type Database, open, type RootDatabase } from 'lmdb';
import { contentHash, hashBytes, hashFromBytes } from '../replicast/hash.ts';
import { AbsenceFilter } from './absent.ts';
import {
  type ChunkStore,
  newBuffer,
  newCounters,
  type StoredChunk,
  StoreError,
  StoreFullError,
} from './chunk-store.ts';
import {
  DATA_FILE,
  DISK_RESERVE,
  FREE_SPACE_AGE,
  LIST_PAGE,
  META_MAGIC,
  META_MAGIC_OFFSET,
  REMAP_BYTES,
} from './constants.ts';
import { DiskRoom, freeSpace, type SetAside } from './disk-room.ts';

export interface LmdbStoreOptions {
  /** Folder of the database; made when it is not there. */
  path: string;
  /** Bytes of chunks it may hold; by default what the disk has. */
  limit?: number;
  readOnly?: boolean;
  /** To make room for chunks that are expected; by default nobody does. */
  setAside?: SetAside;
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
  /** Opened when it is first needed, and again after `#remap`. */
  #opened: Tables | undefined;
  /** What reads and writes wait for before they begin. */
  #gate: Promise<void> = Promise.resolve();
  #remapping = false;
  /** Writes under way. */
  readonly #writing = new Map<string, Promise<void>>();
  readonly #room: DiskRoom | undefined;
  #bytes = 0;
  /** None where another process may write. */
  readonly #absent: AbsenceFilter | undefined;
  #free = { bytes: 0, at: Number.NEGATIVE_INFINITY };
  /** Bytes read since the database was opened. */
  #read = 0;

  /** @throws StoreError when the folder cannot be opened as a database. */
  constructor(options: LmdbStoreOptions) {
    this.#options = options;
    if (options.setAside) this.#room = new DiskRoom(join(options.path, DATA_FILE), options.setAside);
    if (!options.readOnly) this.#absent = new AbsenceFilter();
    try {
      checkFile(join(options.path, DATA_FILE));
      for (const { hash, length } of this.list()) {
        this.#bytes += length;
        this.#absent?.add(hash);
      }
    } catch (error) {
      throw new StoreError(`cannot open the chunk store in ${options.path}: ${(error as Error).message}`);
    }
  }

  length(hash: string): number | undefined {
    return this.#absent?.excludes(hash) ? undefined : this.#recordedLength(hashBytes(hash));
  }

  hasRoom(bytes: number): boolean {
    if (this.#bytes + bytes > (this.#options.limit ?? Number.POSITIVE_INFINITY)) return false;
    const now = performance.now();
    if (now - this.#free.at > FREE_SPACE_AGE) {
      this.#free = { bytes: freeSpace(this.#options.path) + (this.#room?.ahead ?? 0), at: now };
    }
    return this.#free.bytes >= bytes + DISK_RESERVE;
  }

  expect(bytes: number): void {
    this.#room?.make(bytes);
  }

  async put(hash: string, chunk: Uint8Array): Promise<void> {
    // Two initiators may bring the same chunk at the same time.
    const before = this.#writing.get(hash);
    if (before) return before;
    const written = this.#put(hash, chunk).finally(() => this.#writing.delete(hash));
    this.#writing.set(hash, written);
    return written;
  }

  async get(hash: string, allocate = newBuffer): Promise<Uint8Array | undefined> {
    await this.#gate;
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
      const page = [...this.#tables.chunks.getKeys({ ...(start && { start }), limit: LIST_PAGE })] as Buffer[];
      for (const key of page) {
        const hash = hashFromBytes(key);
        yield { hash, length: this.#recordedLength(key) ?? 0 };
      }
      const last = page.at(-1);
      if (!last || page.length < LIST_PAGE) return;
      start = Buffer.concat([last, Buffer.alloc(1)]);
    }
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#writing.values());
    await this.#gate;
    await this.#room?.close();
    await this.#opened?.root.close();
  }

  async #put(hash: string, chunk: Uint8Array): Promise<void> {
    await this.#gate;
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
    this.#absent?.add(hash);
    try {
      const { root, chunks, lengths } = this.#tables;
      await root.batch(() => {
        chunks.put(key, chunk as Buffer);
        lengths.put(key, length);
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

  #recordedLength(key: Uint8Array): number | undefined {
    const value = this.#tables.lengths.get(key);
    return value?.length === 4 ? value.readUInt32BE() : undefined;
  }

  /** An intact record, in a buffer that is good only until the next read. */
  #verified(hash: string): Uint8Array | undefined {
    // LMDB reads into one buffer again and again, and says with `length` how much of it counts.
    const shared = this.#tables.chunks.getBinaryFast(hashBytes(hash));
    if (!shared) return undefined;
    const record = new Uint8Array(shared.buffer, shared.byteOffset, shared.length);
    this.#read += record.length;
    if (this.#read >= REMAP_BYTES && !this.#remapping) this.#gate = this.#remap();
    if (contentHash(record) === hash) return record;
    this.counters.corrupt++;
    return undefined;
  }

  /**
   * Closes the database, so that its map is taken down; whoever needs it next opens it anew. Whatever was begun before
   * ends first. In a turn of its own, because LMDB closes in several steps and must not be opened between them: that
   * would keep the old map.
   */
  async #remap(): Promise<void> {
    this.#remapping = true;
    await Promise.allSettled(this.#writing.values());
    await setImmediate();
    const tables = this.#opened;
    this.#opened = undefined;
    await tables?.root.close();
    this.#read = 0;
    this.#remapping = false;
  }

  get #tables(): Tables {
    if (this.#opened) return this.#opened;
    const root = open({
      path: this.#options.path,
      // Whatever its name looks like, it is a folder.
      noSubdir: false,
      readOnly: this.#options.readOnly ?? false,
      overlappingSync: false,
      eventTurnBatching: false,
      maxDbs: 2,
    });
    const chunks: Tables['chunks'] = root.openDB('chunks', { encoding: 'binary', keyEncoding: 'binary' });
    const lengths: Tables['lengths'] = root.openDB('lengths', { encoding: 'binary', keyEncoding: 'binary' });
    // Nothing makes a table that is only to be read.
    if (!chunks || !lengths) throw new Error('there are no chunks in it');
    this.#opened = { root, chunks, lengths };
    return this.#opened;
  }
}

interface Tables {
  root: RootDatabase;
  chunks: Database<Buffer, Uint8Array>;
  lengths: Database<Buffer, Uint8Array>;
}

/**
 * LMDB, as it is packaged, crashes when it is to open a file that is not its own: better to say so.
 * @throws Error when there is such a file
 */
function checkFile(path: string): void {
  const file = statSync(path, { throwIfNoEntry: false });
  if (!file || file.size === 0) return;
  const head = Buffer.alloc(META_MAGIC_OFFSET + META_MAGIC.length);
  const handle = openSync(path, 'r');
  try {
    readSync(handle, head);
  } finally {
    closeSync(handle);
  }
  if (!head.subarray(META_MAGIC_OFFSET).equals(META_MAGIC)) throw new Error(`${DATA_FILE} is no LMDB database`);
}
