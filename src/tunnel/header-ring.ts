/**
 * Copies of short-lived headers. A socket may hold on to what it is given until the kernel takes it, while the router already writes
 * the next header into the same bytes; a copy is good for the next `slots` headers.
 */
export class HeaderRing {
  readonly #slots: Uint8Array[];
  readonly #bytes: number;
  #next = 0;

  constructor(slots: number, bytes: number) {
    const memory = Buffer.alloc(slots * bytes);
    this.#slots = Array.from({ length: slots }, (_, i) => memory.subarray(i * bytes, (i + 1) * bytes));
    this.#bytes = bytes;
  }

  keep(header: Uint8Array): Uint8Array {
    if (header.length > this.#bytes) return Buffer.from(header);
    const slot = this.#slots[this.#next]!;
    this.#next = (this.#next + 1) % this.#slots.length;
    slot.set(header);
    return slot.subarray(0, header.length);
  }
}
