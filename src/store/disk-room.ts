import { closeSync, fstatSync, openSync, statfsSync } from 'node:fs';
import { DISK_RESERVE, MAX_ROOM_AHEAD, ROOM_BESIDE_CHUNK } from './constants.ts';

/**
 * Sets blocks aside for bytes of an open file beyond its end, which stays where it is.
 * @returns whether that was done
 */
export type SetAside = (file: number, offset: number, bytes: number) => Promise<boolean>;

/**
 * Blocks of the disk for what a file will grow by, found while there is time: most of what a write takes is finding and clearing them. The
 * length of the file is left as it is, so whoever reads it sees nothing of this, and what is set aside for a chunk that never comes is there for
 * the next one.
 */
export class DiskRoom {
  readonly #path: string;
  readonly #setAside: SetAside;
  #file: number | undefined;
  /** Up to where blocks were set aside, bytes from the start of the file. */
  #end = 0;
  #working: Promise<void> | undefined;

  /** @param path of the file, which must be there when `make` is called */
  constructor(path: string, setAside: SetAside) {
    this.#path = path;
    this.#setAside = setAside;
  }

  /** Bytes that are set aside beyond the end of the file. */
  get ahead(): number {
    return this.#file === undefined ? 0 : Math.max(0, this.#end - fstatSync(this.#file).size);
  }

  /** Begins to set blocks aside for one more chunk. Where that cannot be done, the write does it. */
  make(bytes: number): void {
    this.#working ??= this.#make(bytes)
      .catch(() => {})
      .finally(() => {
        this.#working = undefined;
      });
  }

  async close(): Promise<void> {
    await this.#working;
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  async #make(bytes: number): Promise<void> {
    this.#file ??= openSync(this.#path, 'r+');
    const { size } = fstatSync(this.#file);
    const from = Math.max(size, this.#end);
    const to = Math.min(from + bytes + ROOM_BESIDE_CHUNK, size + MAX_ROOM_AHEAD);
    // The disk is not ours alone.
    if (to <= from || freeSpace(this.#path) < to - from + DISK_RESERVE) return;
    if (await this.#setAside(this.#file, from, to - from)) this.#end = to;
  }
}

/** Bytes that this user may still write to the file system of `path`. */
export function freeSpace(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}
