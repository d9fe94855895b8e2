import { MAX_CHUNK_BYTES } from '../constants.ts';
import { Kind } from '../prefix.ts';
import type { Codec, Transaction } from './codec.ts';
import { MAX_DATAGRAM, MAX_MS, MAX_QUEUE, MAX_RATE, MIN_DATAGRAM } from './limits.ts';

/** target → initiator: the answer to a request, or, with `not-found`, also to an accept that it cannot honour. */
export type GetBid = Transaction & {
  kind: 'GetBid';
  /** ms between the request's receipt and this answer. */
  held: number;
} & (
    | {
        status: 'window';
        /** ms from receipt. */
        start: number;
        /** ms */
        length: number;
        /** bit/s on the wire that the target sends. */
        rate: number;
        /** Transfers it has promised before this one. */
        queue: number;
        /** Bytes of the chunk. */
        size: number;
        /** Payload bytes of every data datagram but the last. */
        datagram: number;
      }
    | { status: 'payload'; payload: Uint8Array }
    | { status: 'not-found' }
    | { status: 'not-now' /** ms */; retry: number }
  );

const statuses = ['window', 'payload', 'not-found', 'not-now'] as const;

export const getBid: Codec<GetBid> = {
  kind: Kind.GetBid,
  body: ({ kind: _kind, txn: _txn, attempt: _attempt, ...body }) => body,
  read: (transaction, fields) => {
    const common = { kind: 'GetBid' as const, ...transaction, held: fields.number('held', 0, MAX_MS) };
    const status = fields.oneOf('status', statuses);
    if (status === 'window') {
      return {
        ...common,
        status,
        start: fields.number('start', 0, MAX_MS),
        length: fields.number('length', 0, MAX_MS),
        rate: fields.number('rate', 1, MAX_RATE),
        queue: fields.integer('queue', 0, MAX_QUEUE),
        size: fields.integer('size', 1, MAX_CHUNK_BYTES),
        datagram: fields.integer('datagram', MIN_DATAGRAM, MAX_DATAGRAM),
      };
    }
    if (status === 'payload') return { ...common, status, payload: fields.bytes('payload') };
    if (status === 'not-now') return { ...common, status, retry: fields.number('retry', 0, MAX_MS) };
    return { ...common, status };
  },
};
