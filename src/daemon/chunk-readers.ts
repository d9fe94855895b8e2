/** Who still reads a chunk: its memory must not be used again before the last transfer of it has ended. */
export class ChunkReaders {
  readonly #chunkOf = new Map<string, Uint8Array>();
  /** How many transfers read a chunk. */
  readonly #readers = new Map<Uint8Array, number>();
  readonly #idle = new Map<Uint8Array, () => void>();

  /** A transfer of a chunk begins. @param id of the transfer */
  begin(id: string, chunk: Uint8Array): void {
    this.#chunkOf.set(id, chunk);
    this.#readers.set(chunk, (this.#readers.get(chunk) ?? 0) + 1);
  }

  end(id: string): void {
    const chunk = this.#chunkOf.get(id);
    this.#chunkOf.delete(id);
    if (!chunk) return;
    const left = this.#readers.get(chunk)! - 1;
    if (left > 0) {
      this.#readers.set(chunk, left);
      return;
    }
    this.#readers.delete(chunk);
    this.#idle.get(chunk)?.();
    this.#idle.delete(chunk);
  }

  /** Calls back, once, when nobody reads the chunk: at once if nobody does now. */
  whenIdle(chunk: Uint8Array, callback: () => void): void {
    if (this.#readers.has(chunk)) this.#idle.set(chunk, callback);
    else callback();
  }
}
