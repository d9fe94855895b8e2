import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { hashBytes, hashFromBytes } from '../replicast/hash.ts';
import { AbsenceFilter } from './absent.ts';
import {
  type ChunkStore,
  type ChunkWriter,
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
import { type Change, type Entry, Tables } from './tables.ts';
import { Writing, type WritingHost } from './writing.ts';

export interface LmdbStoreOptions {
  /** Folder of the database; made when it is not there. */
  path: string;
  /** Bytes of chunks it may hold; by default what the disk has. */
  limit?: number;
  readOnly?: boolean;
}

/**
 * The chunk store on LMDB; `tables.ts` says how a chunk lies in it.
 *
 * Durability: with `overlappingSync` off a commit writes the pages, calls fdatasync, then writes the meta page with
 * O_DSYNC, and only then does the promise of a put resolve. The file is never in a state that is not some commit's,
 * so a kill at any moment loses nothing that was acknowledged. A chunk that is written while it comes is in no commit's directory before the last
 * one; what is left of it after a kill goes when the store is opened next.
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
  /** Writes to the database under way. */
  readonly #pending = new Set<Promise<void>>();
  /** Chunks whose last write is under way, by hash. */
  readonly #finishing = new Map<string, Promise<void>>();
  #bytes = 0;
  /** None where another process may write. */
  readonly #absent: AbsenceFilter | undefined;
  #free = { bytes: 0, at: Number.NEGATIVE_INFINITY };
  #nextNumber = 0n;
  /** Bytes read since the database was opened. */
  #read = 0;

  /** @throws StoreError when the folder cannot be opened as a database. */
  constructor(options: LmdbStoreOptions) {
    this.#options = options;
    if (!options.readOnly) this.#absent = new AbsenceFilter();
    try {
      checkFile(join(options.path, DATA_FILE));
      if (!options.readOnly) this.#tables.dropUnfinished();
      this.#nextNumber = this.#tables.lastNumber + 1n;
      for (const { hash, length } of this.list()) {
        this.#bytes += length;
        this.#absent?.add(hash);
      }
    } catch (error) {
      throw new StoreError(`cannot open the chunk store in ${options.path}: ${(error as Error).message}`);
    }
  }

  length(hash: string): number | undefined {
    return this.#entry(hash)?.length;
  }

  hasRoom(bytes: number): boolean {
    if (this.#bytes + bytes > (this.#options.limit ?? Number.POSITIVE_INFINITY)) return false;
    const now = performance.now();
    if (now - this.#free.at > FREE_SPACE_AGE) this.#free = { bytes: freeSpace(this.#options.path), at: now };
    return this.#free.bytes >= bytes + DISK_RESERVE;
  }

  put(hash: string, chunk: Uint8Array): Promise<void> {
    return this.begin(chunk.length).commit(hash, chunk);
  }

  begin(length: number): ChunkWriter {
    return new Writing({ number: this.#nextNumber++, length }, this.#host);
  }

  async get(hash: string, allocate = newBuffer): Promise<Uint8Array | undefined> {
    await this.#gate;
    const entry = this.#entry(hash);
    if (!entry) return undefined;
    const chunk = allocate(entry.length);
    if (!this.#isIntact(hash, entry, (part, at) => chunk.set(part, at))) return undefined;
    this.counters.gets++;
    return chunk;
  }

  /** Page by page, so that no cursor is open while the caller does something else with the store. */
  *list(): Iterable<StoredChunk> {
    for (let last: Uint8Array | undefined; ; ) {
      const page = this.#tables.hashes(last, LIST_PAGE);
      for (const key of page) yield { hash: hashFromBytes(key), length: this.#tables.entry(key)?.length ?? 0 };
      last = page.at(-1);
      if (!last || page.length < LIST_PAGE) return;
    }
  }

  async close(): Promise<void> {
    while (this.#pending.size > 0) await Promise.allSettled(this.#pending);
    await this.#gate;
    await this.#opened?.close();
  }

  /** Two initiators may bring the same chunk at the same time: the later one does without its own. */
  #finish(writing: Writing, hash: string, rest: Uint8Array): Promise<void> {
    const before = this.#finishing.get(hash);
    if (before) {
      writing.discard();
      return before;
    }
    const finished = this.#operate(() => this.#enter(writing, hash, rest)).finally(() => this.#finishing.delete(hash));
    this.#finishing.set(hash, finished);
    return finished;
  }

  async #enter(writing: Writing, hash: string, rest: Uint8Array): Promise<void> {
    const { entry, ahead } = writing;
    const old = this.#entry(hash);
    if (old && this.#isIntact(hash, old)) {
      this.counters.duplicates++;
      writing.discard();
      return;
    }
    try {
      // Set aside before it is written, so that what several puts may write together is never more than there is.
      writing.reserve();
      await writing.written;
      this.#absent?.add(hash);
      await this.#change((change) => {
        if (rest.length > 0) change.part(entry.number, ahead, rest);
        change.enter(hashBytes(hash), entry);
        if (old) change.drop(old.number);
      });
    } catch (error) {
      this.counters.failures++;
      writing.discard();
      throw error instanceof StoreError ? error : this.#explained(error as Error, entry.length);
    }
    this.counters.puts++;
    if (old) this.#release(old.length);
  }

  #reserve(bytes: number): void {
    if (!this.hasRoom(bytes)) throw new StoreFullError(`${bytes} bytes do not fit into ${this.#options.path}`);
    this.#bytes += bytes;
    this.#free.bytes -= bytes;
  }

  #release(bytes: number): void {
    this.#bytes -= bytes;
    this.#free.at = Number.NEGATIVE_INFINITY;
  }

  /** Begins when nobody is about to close the database, which then waits for it. */
  #operate(work: () => Promise<void>): Promise<void> {
    const gate = this.#gate;
    const operation = (async () => {
      await gate;
      await work();
    })();
    this.#pending.add(operation);
    const over = () => this.#pending.delete(operation);
    operation.then(over, over);
    return operation;
  }

  async #change(work: (change: Change) => void): Promise<void> {
    try {
      await this.#tables.write(work);
    } catch (error) {
      // LMDB explains a failed commit in a promise of its own, which must not stay unheard.
      throw (await (error as { commitError?: Promise<never> }).commitError?.catch((why: Error) => why)) ?? error;
    }
  }

  #explained(cause: Error, bytes: number): StoreError {
    const message = `cannot write ${bytes} bytes to ${this.#options.path}: ${cause.message}`;
    return freeSpace(this.#options.path) < DISK_RESERVE ? new StoreFullError(message) : new StoreError(message);
  }

  #entry(hash: string): Entry | undefined {
    return this.#absent?.excludes(hash) ? undefined : this.#tables.entry(hashBytes(hash));
  }

  /** Whether a record is what its name says; if not, that is counted. @param take gets each part, good only during the call, and its offset */
  #isIntact(hash: string, entry: Entry, take: (part: Uint8Array, offset: number) => void = () => {}): boolean {
    const digest = createHash('sha256');
    let offset = 0;
    for (const part of this.#tables.parts(entry)) {
      digest.update(part);
      take(part, offset);
      offset += part.length;
    }
    this.#read += offset;
    if (this.#read >= REMAP_BYTES && !this.#remapping) this.#gate = this.#remap();
    if (offset === entry.length && digest.digest('hex') === hash) return true;
    this.counters.corrupt++;
    return false;
  }

  /**
   * Closes the database, so that its map is taken down; whoever needs it next opens it anew. Whatever was begun before
   * ends first. In a turn of its own, because LMDB closes in several steps and must not be opened between them: that
   * would keep the old map.
   */
  async #remap(): Promise<void> {
    this.#remapping = true;
    await Promise.allSettled(this.#pending);
    await setImmediate();
    const tables = this.#opened;
    this.#opened = undefined;
    await tables?.close();
    this.#read = 0;
    this.#remapping = false;
  }

  get #tables(): Tables {
    this.#opened ??= new Tables(this.#options.path, this.#options.readOnly ?? false);
    return this.#opened;
  }

  readonly #host: WritingHost = {
    reserve: (bytes) => this.#reserve(bytes),
    release: (bytes) => this.#release(bytes),
    operate: (work) => this.#operate(work),
    change: (work) => this.#change(work),
    finish: (writing, hash, rest) => this.#finish(writing, hash, rest),
  };
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

/** Bytes that this user may still write to the file system of `path`. */
function freeSpace(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}
