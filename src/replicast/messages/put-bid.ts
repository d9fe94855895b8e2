import { Kind } from '../prefix.ts';
import type { Codec, Transaction } from './codec.ts';
import { MAX_BITMAP_BYTES, MAX_MS } from './limits.ts';
import { readOffer, writeOffer } from './offer.ts';

/** Why a target cannot take a chunk now. */
export type NotNowReason = 'busy' | 'no space';
export const notNowReasons: readonly NotNowReason[] = ['busy', 'no space'];

/** target → initiator: the answer to a proposal. */
export type PutBid = Transaction & {
  kind: 'PutBid';
  /** ms between the proposal's receipt and this answer, so that the round trip can be told from the thinking. */
  held: number;
} & (
    | {
        status: 'window';
        /** ms from receipt. */
        start: number;
        /** ms */
        length: number;
        /** bit/s on the wire that the target takes; the window is for that, or for the rate proposed if it is less. */
        rate: number;
        /** Chunks that wait for its disk. */
        queue: number;
        /** Datagrams it still lacks, when it has some of them from an earlier attempt. */
        missing?: Uint8Array;
      }
    | { status: 'already-stored' /** That was verified just now. */; hash: string }
    /** All datagrams are there and verified; the write is not durable yet. */
    | { status: 'storing' }
    | { status: 'not-now' /** ms */; retry: number; why: NotNowReason }
  );

const statuses = ['window', 'already-stored', 'storing', 'not-now'] as const;

export const putBid: Codec<PutBid> = {
  kind: Kind.PutBid,
  write: (bid, body) => {
    body.number(bid.held);
    body.oneOf(bid.status, statuses);
    if (bid.status === 'window') {
      writeOffer(bid, body);
      body.optionalBytes(bid.missing);
    } else if (bid.status === 'not-now') {
      body.number(bid.retry);
      body.oneOf(bid.why, notNowReasons);
    } else if (bid.status === 'already-stored') body.hash(bid.hash);
  },
  read: ({ txn, attempt }, body) => {
    const held = body.number('held', 0, MAX_MS);
    const status = body.oneOf('status', statuses);
    if (status === 'window') {
      const { start, length, rate, queue } = readOffer(body);
      const bid: PutBid = { kind: 'PutBid', txn, attempt, held, status, start, length, rate, queue };
      const missing = body.optionalBytes('missing', MAX_BITMAP_BYTES);
      if (missing) bid.missing = missing;
      return bid;
    }
    const common = { kind: 'PutBid' as const, txn, attempt, held };
    if (status === 'not-now') {
      return { ...common, status, retry: body.number('retry', 0, MAX_MS), why: body.oneOf('why', notNowReasons) };
    }
    return status === 'already-stored' ? { ...common, status, hash: body.hash() } : { ...common, status };
  },
};
