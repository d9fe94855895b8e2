/** Datagrams that are remembered: at 50,000 a second, those of the 80 ms that rings may lag behind each other. */
const SLOTS = 4096;
/** Bytes of the longest of them. */
const SLOT_SIZE = 2048;
/** So much of a datagram decides about its slot: the headers, in which datagrams of one transfer differ. */
const HEAD = 112;

/**
 * What was found out about the datagrams seen last, byte by byte: a datagram crosses many link ends, and one look into it is enough.
 * Never wrong: what differs in one byte is another datagram. Pure.
 */
export class DatagramMemory<T> {
  readonly #bytes: Uint8Array;
  readonly #lengths: Uint16Array;
  readonly #values: (T | undefined)[];

  /** @param slots how many datagrams at most, a power of two */
  constructor(slots: number = SLOTS) {
    this.#bytes = new Uint8Array(slots * SLOT_SIZE);
    this.#lengths = new Uint16Array(slots);
    this.#values = new Array(slots).fill(undefined);
  }

  recall(datagram: Uint8Array): T | undefined {
    if (datagram.length > SLOT_SIZE) return undefined;
    const slot = this.#slot(datagram);
    if (this.#lengths[slot] !== datagram.length) return undefined;
    const start = slot * SLOT_SIZE;
    const same = Buffer.compare(datagram, this.#bytes.subarray(start, start + datagram.length)) === 0;
    return same ? this.#values[slot] : undefined;
  }

  /** Takes the place of whatever was there. */
  remember(datagram: Uint8Array, value: T): void {
    if (datagram.length > SLOT_SIZE) return;
    const slot = this.#slot(datagram);
    this.#bytes.set(datagram, slot * SLOT_SIZE);
    this.#lengths[slot] = datagram.length;
    this.#values[slot] = value;
  }

  /** FNV-1a over the head, 16 bits at a time. */
  #slot(datagram: Uint8Array): number {
    const end = Math.min(datagram.length, HEAD) - 1;
    let hash = 0x811c9dc5;
    for (let i = 0; i < end; i += 2) hash = Math.imul(hash ^ (datagram[i]! | (datagram[i + 1]! << 8)), 0x01000193);
    return (hash ^ (hash >>> 16)) & (this.#lengths.length - 1);
  }
}
