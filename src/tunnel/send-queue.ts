interface Waiting {
  readonly bytes: Buffer;
  readonly solicited: boolean;
}

/**
 * What waits for a connection, in order, bounded in bytes. Where there is no room, the oldest datagrams that nobody asked for go first;
 * when all who wait are solicited, the newcomer goes: what was promised first is kept first.
 */
export class SendQueue {
  readonly #limit: number;
  /** By sequence number; the oldest first. */
  readonly #waiting = new Map<number, Waiting>();
  readonly #unsolicited = new Set<number>();
  #next = 0;
  #bytes = 0;
  #unsolicitedBytes = 0;

  /** @param limit bytes */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get length(): number {
    return this.#waiting.size;
  }

  /** @returns how many datagrams were dropped for it, itself included */
  push(bytes: Buffer, solicited: boolean): number {
    const firm = this.#bytes - this.#unsolicitedBytes;
    if (firm + bytes.length > this.#limit) return 1;
    let dropped = 0;
    for (const oldest of this.#unsolicited) {
      if (this.#bytes + bytes.length <= this.#limit) break;
      this.#remove(oldest);
      dropped++;
    }
    const sequence = this.#next++;
    this.#waiting.set(sequence, { bytes, solicited });
    this.#bytes += bytes.length;
    if (!solicited) {
      this.#unsolicited.add(sequence);
      this.#unsolicitedBytes += bytes.length;
    }
    return dropped;
  }

  /** Takes the oldest. */
  shift(): Buffer | undefined {
    for (const [sequence, { bytes }] of this.#waiting) {
      this.#remove(sequence);
      return bytes;
    }
    return undefined;
  }

  #remove(sequence: number): void {
    const { bytes, solicited } = this.#waiting.get(sequence)!;
    this.#waiting.delete(sequence);
    this.#bytes -= bytes.length;
    if (solicited) return;
    this.#unsolicited.delete(sequence);
    this.#unsolicitedBytes -= bytes.length;
  }
}
