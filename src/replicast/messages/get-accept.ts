import { bitmapBytes } from '../bitmap.ts';
import { MAX_CHUNK_BYTES } from '../constants.ts';
import { Kind } from '../prefix.ts';
import type { Codec, Transaction } from './codec.ts';
import { DecodeFailure } from './fields.ts';
import { MAX_MS, MAX_RATE, MIN_DATAGRAM } from './limits.ts';

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
  body: ({ group, winner, start, length, rate, missing }) => ({
    group,
    winner,
    start,
    length,
    rate,
    ...(missing && { missing }),
  }),
  read: (transaction, fields) => {
    const missing = fields.has('missing') ? fields.bytes('missing') : undefined;
    if (missing && missing.length > bitmapBytes(MAX_CHUNK_BYTES / MIN_DATAGRAM)) throw new DecodeFailure('bad-missing');
    return {
      kind: 'GetAccept',
      ...transaction,
      group: fields.text('group'),
      winner: fields.text('winner'),
      start: fields.number('start', 0, MAX_MS),
      length: fields.number('length', 0, MAX_MS),
      rate: fields.number('rate', 1, MAX_RATE),
      ...(missing && { missing }),
    };
  },
};
