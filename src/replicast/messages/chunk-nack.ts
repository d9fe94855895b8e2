import { bitmapBytes } from '../bitmap.ts';
import { MAX_CHUNK_BYTES } from '../constants.ts';
import { Kind } from '../prefix.ts';
import type { Codec, Transaction } from './codec.ts';
import { DecodeFailure } from './fields.ts';
import { MIN_DATAGRAM } from './limits.ts';

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
  body: ({ reason, missing }) => ({ reason, ...(missing && { missing }) }),
  read: (transaction, fields) => {
    const missing = fields.has('missing') ? fields.bytes('missing') : undefined;
    if (missing && missing.length > bitmapBytes(MAX_CHUNK_BYTES / MIN_DATAGRAM)) throw new DecodeFailure('bad-missing');
    const reason = fields.oneOf('reason', nackReasons);
    return { kind: 'ChunkNack', ...transaction, reason, ...(missing && { missing }) };
  },
};
