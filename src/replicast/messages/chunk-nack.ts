import { Kind } from '../prefix.ts';
import type { Codec, Transaction } from './codec.ts';
import { MAX_BITMAP_BYTES } from './limits.ts';

/** Why a target has not stored what it was sent. */
export type NackReason = 'missing' | 'hash mismatch' | 'unknown transaction' | 'no space' | 'store failed';
export const nackReasons: readonly NackReason[] = [
  'missing',
  'hash mismatch',
  'unknown transaction',
  'no space',
  'store failed',
];

/** target → initiator: not stored, and why. */
export interface ChunkNack extends Transaction {
  kind: 'ChunkNack';
  reason: NackReason;
  /** With `missing`: the datagrams that did not come. */
  missing?: Uint8Array;
}

export const chunkNack: Codec<ChunkNack> = {
  kind: Kind.ChunkNack,
  write: ({ reason, missing }, body) => {
    body.oneOf(reason, nackReasons);
    body.optionalBytes(missing);
  },
  read: ({ txn, attempt }, body) => {
    const reason = body.oneOf('reason', nackReasons);
    const missing = body.optionalBytes('missing', MAX_BITMAP_BYTES);
    return { kind: 'ChunkNack', txn, attempt, reason, ...(missing && { missing }) };
  },
};
