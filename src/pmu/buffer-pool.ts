import { POOL_BYTES } from './constants.ts';

/** Buffers that are used again, so that a stream of chunks does not leave a trail of garbage. */
export class BufferPool {
  readonly #free: Uint8Array[] = [];
  #bytes = 0;

  /** A buffer of exactly `length` bytes, with anything in it. */
  take(length: number): Uint8Array {
    const index = this.#free.findIndex((buffer) => buffer.length === length);
    if (index < 0) return Buffer.allocUnsafeSlow(length);
    const [buffer] = this.#free.splice(index, 1);
    this.#bytes -= length;
    return buffer!;
  }

  /** Gives a buffer back; nobody may use it any more. */
  give(buffer: Uint8Array): void {
    while (this.#bytes + buffer.length > POOL_BYTES && this.#free.length > 0) {
      this.#bytes -= this.#free.shift()!.length;
    }
    if (buffer.length > POOL_BYTES) return;
    this.#free.push(buffer);
    this.#bytes += buffer.length;
  }
}
