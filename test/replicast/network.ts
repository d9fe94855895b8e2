import { decodePrefix, type KindName, kindName } from '../../src/replicast/index.ts';
import type { FakeClock } from './clock.ts';

/** One copy of a datagram on its way to one node. */
export interface Passage {
  from: string;
  to: string;
  kind: KindName;
  attempt: number;
  index: number;
  txn: number;
  payload: Uint8Array;
}

/** What happens to a copy: after how many ms it arrives, once for each; none: it is lost. */
export type Fate = (passage: Passage) => readonly number[];

/** Carries datagrams between nodes by a script. */
export class ScriptedNetwork {
  readonly #clock: FakeClock;
  readonly #receivers = new Map<string, (source: string, payload: Uint8Array) => void>();
  fate: Fate;
  /** Changes the bytes of a copy on its way. */
  alter: ((copy: Uint8Array) => void) | undefined;
  /** Copies handed over, by message kind. */
  readonly carried = new Map<string, number>();

  constructor(clock: FakeClock, fate: Fate = () => [0.1]) {
    this.#clock = clock;
    this.fate = fate;
  }

  attach(address: string, receive: (source: string, payload: Uint8Array) => void): void {
    this.#receivers.set(address, receive);
  }

  detach(address: string): void {
    this.#receivers.delete(address);
  }

  send(from: string, to: readonly string[], payload: Uint8Array): void {
    const prefix = decodePrefix(payload);
    if (typeof prefix === 'string') throw new Error(`node ${from} sent a malformed message: ${prefix}`);
    const kind = kindName(prefix.kind)!;
    for (const receiver of to) {
      this.carried.set(kind, (this.carried.get(kind) ?? 0) + 1);
      const { attempt, index, txn } = prefix;
      for (const delay of this.fate({ from, to: receiver, kind, attempt, index, txn, payload })) {
        const copy = new Uint8Array(payload);
        this.alter?.(copy);
        this.#clock.wake(this.#clock.now() + delay, () => this.#receivers.get(receiver)?.(from, copy));
      }
    }
  }
}
