import { MAX_CHUNK_BYTES } from '../constants.ts';
import { Kind } from '../prefix.ts';
import type { Codec, Transaction } from './codec.ts';
import { MAX_DATAGRAM, MAX_MS, MIN_DATAGRAM } from './limits.ts';
import { readOffer, writeOffer } from './offer.ts';

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
  write: (bid, body) => {
    body.number(bid.held);
    body.oneOf(bid.status, statuses);
    if (bid.status === 'window') {
      writeOffer(bid, body);
      body.integer(bid.size);
      body.integer(bid.datagram);
    } else if (bid.status === 'payload') body.bytes(bid.payload);
    else if (bid.status === 'not-now') body.number(bid.retry);
  },
  read: ({ txn, attempt }, body) => {
    const common = { kind: 'GetBid' as const, txn, attempt, held: body.number('held', 0, MAX_MS) };
    const status = body.oneOf('status', statuses);
    if (status === 'window') {
      return {
        ...common,
        status,
        ...readOffer(body),
        size: body.integer('size', 1, MAX_CHUNK_BYTES),
        datagram: body.integer('datagram', MIN_DATAGRAM, MAX_DATAGRAM),
      };
    }
    if (status === 'payload') return { ...common, status, payload: body.bytes('payload', MAX_DATAGRAM) };
    if (status === 'not-now') return { ...common, status, retry: body.number('retry', 0, MAX_MS) };
    return { ...common, status };
  },
};
