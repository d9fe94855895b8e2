import type { PutProposal } from '../messages.ts';
import type { Reassembly } from '../reassembly.ts';

export type PutState =
  /** A record with that hash exists; it is being read to see that it is intact. */
  | 'checking'
  /** A window, or (immediate) the wish to store, was offered. */
  | 'offered'
  | 'receiving'
  /** Complete and verified; not durable yet. */
  | 'storing'
  | 'stored';

/** One put as a target sees it. */
export interface PutTransaction {
  /** Names it in reservations and effects. */
  key: string;
  /** Overlay address of the initiator. */
  source: string;
  txn: number;
  /** Latest that was seen. */
  attempt: number;
  state: PutState;
  proposal: PutProposal;
  /** When the latest proposal came. */
  proposedAt: number;
  /** End of the accepted (before that: offered) window. */
  windowEnd: number;
  /** When it is forgotten, unless data comes or a write is under way. */
  expires: number;
  /** When it has to be looked at next. */
  due: number;
  reassembly?: Reassembly;
  /** ms without data after which what is missing is believed lost. */
  quiet: number;
  lastDataAt: number;
  lastIndexSeen: boolean;
  nacks: number;
  newSinceNack: boolean;
  /** Latest attempt that was acknowledged. */
  ackedAttempt: number;
}

/** One get as a target sees it. */
export interface GetTransaction {
  key: string;
  source: string;
  txn: number;
  attempt: number;
  hash: string;
  group: string;
  /** Bytes of the chunk. */
  size: number;
  datagram: number;
  requestedAt: number;
  expires: number;
  due: number;
  /** Latest accept that named this target; 0 when none did. */
  acceptedAttempt: number;
  /** Whether datagrams of it are being sent. */
  transferring: boolean;
  /** The window of the transfer under way. */
  sending?: { start: number; end: number };
  /** What to do with the chunk once it is read. */
  reading?: { as: 'payload' } | { as: 'transfer'; start: number; rate: number; missing?: Uint8Array };
}

interface Timed {
  source: string;
  txn: number;
  key: string;
  due: number;
}

/** Transactions by initiator and number, and the earliest time at which one of them has to be looked at. */
export class TransactionTable<T extends Timed> {
  readonly #bySource = new Map<string, Map<number, T>>();
  readonly #byKey = new Map<string, T>();
  #nextDue = Number.POSITIVE_INFINITY;
  #last: T | undefined;

  find(source: string, txn: number): T | undefined {
    // Most datagrams are of the transaction that the one before was of.
    if (this.#last?.txn === txn && this.#last.source === source) return this.#last;
    this.#last = this.#bySource.get(source)?.get(txn);
    return this.#last;
  }

  byKey(key: string): T | undefined {
    return this.#byKey.get(key);
  }

  add(transaction: T): void {
    this.#last = undefined;
    const ofSource = this.#bySource.get(transaction.source) ?? new Map<number, T>();
    ofSource.set(transaction.txn, transaction);
    this.#bySource.set(transaction.source, ofSource);
    this.#byKey.set(transaction.key, transaction);
    this.schedule(transaction, transaction.due);
  }

  remove(transaction: T): void {
    if (this.#last === transaction) this.#last = undefined;
    const ofSource = this.#bySource.get(transaction.source);
    ofSource?.delete(transaction.txn);
    if (ofSource?.size === 0) this.#bySource.delete(transaction.source);
    this.#byKey.delete(transaction.key);
  }

  schedule(transaction: T, due: number): void {
    transaction.due = due;
    if (due < this.#nextDue) this.#nextDue = due;
  }

  /** Never later than the earliest `due`. */
  get nextDue(): number {
    return this.#nextDue;
  }

  /** Calls `look` on each transaction that is due. */
  tick(now: number, look: (transaction: T) => void): void {
    if (now < this.#nextDue) return;
    this.#nextDue = Number.POSITIVE_INFINITY;
    for (const transaction of [...this.#byKey.values()]) if (transaction.due <= now) look(transaction);
    for (const { due } of this.#byKey.values()) if (due < this.#nextDue) this.#nextDue = due;
  }

  values(): IterableIterator<T> {
    return this.#byKey.values();
  }

  get size(): number {
    return this.#byKey.size;
  }
}
