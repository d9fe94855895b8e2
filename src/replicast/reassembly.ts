/** A chunk that comes in as datagrams. `src/pmu` implements it; it is an interface here so that this folder stays pure. */
export interface Reassembly {
  /** Datagrams of the chunk. */
  readonly count: number;
  /** Distinct datagrams that came. */
  readonly received: number;
  readonly complete: boolean;
  /** The chunk's bytes, in place; all of them only when complete. */
  readonly chunk: Uint8Array;
  /** Takes one datagram. False when it is a duplicate, out of range, or not of the size it must have. */
  add(index: number, payload: Uint8Array): boolean;
  /** Bitmap of the datagrams that have not come. */
  missing(): Uint8Array;
  /** Content hash of the chunk; only when complete. */
  hash(): string;
  /** Forgets every datagram. */
  reset(): void;
  /** Gives the buffer back. The reassembly must not be used afterwards. */
  release(): void;
}

/** @param length bytes of the chunk; @param datagram payload bytes of every datagram but the last */
export type ReassemblyFactory = (length: number, datagram: number) => Reassembly;
