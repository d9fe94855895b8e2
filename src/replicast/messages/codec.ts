import type { KindCode } from '../prefix.ts';
import type { BodyReader, BodyWriter } from './body.ts';

/** What every message says besides its own fields; it travels in the prefix. */
export interface Transaction {
  txn: number;
  attempt: number;
}

/** How the body of one message kind is written and read: the same fields in the same order. */
export interface Codec<M extends Transaction> {
  kind: KindCode;
  write(message: M, body: BodyWriter): void;
  /** The message, every field checked. @throws DecodeFailure */
  read(transaction: Transaction, body: BodyReader): M;
}
