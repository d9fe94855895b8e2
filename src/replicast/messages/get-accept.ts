import { Kind } from '../prefix.ts';
import type { Codec, Transaction } from './codec.ts';
import { MAX_BITMAP_BYTES, MAX_MS, MAX_RATE } from './limits.ts';

/** initiator → negotiating group: this member sends, the others are free again; or → that member: send these again. */
export interface GetAccept extends Transaction {
  kind: 'GetAccept';
  group: string;
  /** Name of the target that is to send. */
  winner: string;
  /** ms from receipt. */
  start: number;
  /** ms */
  length: number;
  /** bit/s on the wire that the initiator takes. */
  rate: number;
  /** The datagrams wanted, when not all are. */
  missing?: Uint8Array;
}

export const getAccept: Codec<GetAccept> = {
  kind: Kind.GetAccept,
  write: ({ group, winner, start, length, rate, missing }, body) => {
    body.text(group);
    body.text(winner);
    body.number(start);
    body.number(length);
    body.number(rate);
    body.optionalBytes(missing);
  },
  read: ({ txn, attempt }, body) => {
    const accept: GetAccept = {
      kind: 'GetAccept',
      txn,
      attempt,
      group: body.text('group'),
      winner: body.text('winner'),
      start: body.number('start', 0, MAX_MS),
      length: body.number('length', 0, MAX_MS),
      rate: body.number('rate', 1, MAX_RATE),
    };
    const missing = body.optionalBytes('missing', MAX_BITMAP_BYTES);
    return missing ? { ...accept, missing } : accept;
  },
};
