import { Kind } from '../prefix.ts';
import type { Codec, Transaction } from './codec.ts';

/** target → initiator: the chunk is verified and durable. */
export interface ChunkAck extends Transaction {
  kind: 'ChunkAck';
  /** The hash that was verified. */
  hash: string;
}

export const chunkAck: Codec<ChunkAck> = {
  kind: Kind.ChunkAck,
  write: ({ hash }, body) => body.hash(hash),
  read: ({ txn, attempt }, body) => ({ kind: 'ChunkAck', txn, attempt, hash: body.hash() }),
};
