import type { ChunkWriter } from './chunk-store.ts';
import type { Change, Entry } from './tables.ts';

/** The store as one of its writings needs it. */
export interface WritingHost {
  /** Sets room aside. @throws StoreFullError when there is none */
  reserve(bytes: number): void;
  release(bytes: number): void;
  /** Does something with the database that must be over before it is closed. */
  operate(work: () => Promise<void>): Promise<void>;
  /** Commits; resolves when it is durable. */
  change(work: (change: Change) => void): Promise<void>;
  /** Names what a writing has made, or does without it where the chunk is there already. */
  finish(writing: Writing, hash: string, rest: Uint8Array): Promise<void>;
}

/** One chunk on its way into an LMDB store. */
export class Writing implements ChunkWriter {
  readonly entry: Entry;
  readonly #host: WritingHost;
  #ahead = 0;
  #reserved = false;
  #failed = false;
  /** What was written ahead; each settles when it is durable, or not. */
  readonly #parts: Promise<void>[] = [];

  constructor(entry: Entry, host: WritingHost) {
    this.entry = entry;
    this.#host = host;
  }

  /** Bytes that have been written ahead. */
  get ahead(): number {
    return this.#ahead;
  }

  /** Resolves when they are durable; rejects when they could not be written. */
  get written(): Promise<unknown> {
    return Promise.all(this.#parts);
  }

  write(part: Uint8Array): void {
    if (this.#failed) return;
    const offset = this.#ahead;
    this.#ahead += part.length;
    const written = this.#write(offset, part);
    // The commit tells.
    written.catch(() => {
      this.#failed = true;
    });
    this.#parts.push(written);
  }

  commit(hash: string, rest: Uint8Array): Promise<void> {
    return this.#host.finish(this, hash, rest);
  }

  discard(): void {
    this.#failed = true;
    if (this.#reserved) this.#host.release(this.entry.length);
    this.#reserved = false;
    if (this.#ahead === 0) return;
    this.#ahead = 0;
    // What cannot be removed now goes when the store is opened next.
    this.#host
      .operate(async () => {
        // What is not written yet, even if another part of it has failed, cannot be found.
        await Promise.allSettled(this.#parts);
        await this.#host.change((change) => change.drop(this.entry.number));
      })
      .catch(() => {});
  }

  /** Once for the whole chunk. @throws StoreFullError */
  reserve(): void {
    if (this.#reserved) return;
    this.#host.reserve(this.entry.length);
    this.#reserved = true;
  }

  async #write(offset: number, part: Uint8Array): Promise<void> {
    this.reserve();
    const { number } = this.entry;
    await this.#host.operate(() =>
      this.#host.change((change) => {
        change.begin(number);
        change.part(number, offset, part);
      }),
    );
  }
}
