import type { KindCode } from '../prefix.ts';
import type { Fields } from './fields.ts';

/** What every message says besides its own fields; it travels in the prefix. */
export interface Transaction {
  txn: number;
  attempt: number;
}

/** How the body of one message kind is written and read. */
export interface Codec<M extends Transaction> {
  kind: KindCode;
  /** The CBOR map that goes on the wire. */
  body(message: M): Record<string, unknown>;
  /** The message, every field checked. @throws DecodeFailure */
  read(transaction: Transaction, fields: Fields): M;
}
