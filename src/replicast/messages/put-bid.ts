import { bitmapBytes } from '../bitmap.ts';
import { MAX_CHUNK_BYTES } from '../constants.ts';
import { hashBytes } from '../hash.ts';
import { Kind } from '../prefix.ts';
import type { Codec, Transaction } from './codec.ts';
import { DecodeFailure } from './fields.ts';
import { MAX_MS, MAX_QUEUE, MAX_RATE, MIN_DATAGRAM } from './limits.ts';

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
  body: ({ kind: _kind, txn: _txn, attempt: _attempt, ...body }) =>
    'hash' in body ? { ...body, hash: hashBytes(body.hash) } : body,
  read: (transaction, fields) => {
    const common = { kind: 'PutBid' as const, ...transaction, held: fields.number('held', 0, MAX_MS) };
    const status = fields.oneOf('status', statuses);
    if (status === 'window') {
      const missing = fields.has('missing') ? fields.bytes('missing') : undefined;
      if (missing && missing.length > bitmapBytes(MAX_CHUNK_BYTES / MIN_DATAGRAM)) {
        throw new DecodeFailure('bad-missing');
      }
      return {
        ...common,
        status,
        start: fields.number('start', 0, MAX_MS),
        length: fields.number('length', 0, MAX_MS),
        rate: fields.number('rate', 1, MAX_RATE),
        queue: fields.integer('queue', 0, MAX_QUEUE),
        ...(missing && { missing }),
      };
    }
    if (status === 'not-now') {
      return { ...common, status, retry: fields.number('retry', 0, MAX_MS), why: fields.oneOf('why', notNowReasons) };
    }
    return status === 'already-stored' ? { ...common, status, hash: fields.hash('hash') } : { ...common, status };
  },
};
