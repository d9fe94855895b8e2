import { hashBytes } from '../hash.ts';
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
  body: ({ hash }) => ({ hash: hashBytes(hash) }),
  read: (transaction, fields) => ({ kind: 'ChunkAck', ...transaction, hash: fields.hash('hash') }),
};
