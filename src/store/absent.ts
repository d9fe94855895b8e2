/** The filter has a bit for each value of so many first bits of a hash: 128 KiB. */
const INDEX_BITS = 20;

/**
 * Tells of most chunks that are not in a store that they are not, without asking it. Content hashes are evenly distributed, so with n chunks
 * n in 2^20 of those that are not there have to be looked for all the same; nothing is ever forgotten.
 */
export class AbsenceFilter {
  readonly #bits = new Uint8Array(2 ** (INDEX_BITS - 3));

  add(hash: string): void {
    const index = indexOf(hash);
    this.#bits[index >>> 3]! |= 1 << (index & 7);
  }

  /** Whether the chunk was certainly never added. */
  excludes(hash: string): boolean {
    const index = indexOf(hash);
    return (this.#bits[index >>> 3]! & (1 << (index & 7))) === 0;
  }
}

function indexOf(hash: string): number {
  return Number.parseInt(hash.slice(0, INDEX_BITS / 4), 16);
}
