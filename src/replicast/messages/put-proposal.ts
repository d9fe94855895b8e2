import { MAX_CHUNK_BYTES, MAX_PATIENCE, MAX_SPAN } from '../constants.ts';
import { hashBytes } from '../hash.ts';
import { Kind } from '../prefix.ts';
import type { Codec, Transaction } from './codec.ts';
import { MAX_DATAGRAM, MAX_MEMBERS, MAX_MS, MAX_RATE, MIN_DATAGRAM } from './limits.ts';

/** initiator → negotiating group: who can take this chunk, and when? */
export interface PutProposal extends Transaction {
  kind: 'PutProposal';
  group: string;
  hash: string;
  /** Bytes of the chunk. */
  length: number;
  /** Copies wanted that are not stored yet. */
  replicas: number;
  /** Payload bytes of every data datagram but the last. */
  datagram: number;
  /** ms from receipt before which the initiator's own link is busy. */
  notBefore: number;
  /** bit/s on the wire at which the initiator can send to that many members. */
  rate: number;
  /** How long a window is wanted, in transfers of the chunk. */
  span: number;
  /** ms that the initiator may take to decide, which the window has to hold besides. */
  patience: number;
  /** The whole chunk will be sent, whatever the target has of it already. */
  whole?: boolean;
  /** The whole chunk, when it fits. */
  payload?: Uint8Array;
}

export const putProposal: Codec<PutProposal> = {
  kind: Kind.PutProposal,
  body: (message) => ({
    group: message.group,
    hash: hashBytes(message.hash),
    length: message.length,
    replicas: message.replicas,
    datagram: message.datagram,
    notBefore: message.notBefore,
    rate: message.rate,
    span: message.span,
    patience: message.patience,
    ...(message.whole && { whole: true }),
    ...(message.payload && { payload: message.payload }),
  }),
  read: (transaction, fields) => ({
    kind: 'PutProposal',
    ...transaction,
    group: fields.text('group'),
    hash: fields.hash('hash'),
    length: fields.integer('length', 1, MAX_CHUNK_BYTES),
    replicas: fields.integer('replicas', 1, MAX_MEMBERS),
    datagram: fields.integer('datagram', MIN_DATAGRAM, MAX_DATAGRAM),
    notBefore: fields.number('notBefore', 0, MAX_MS),
    rate: fields.number('rate', 1, MAX_RATE),
    span: fields.number('span', 1, MAX_SPAN),
    patience: fields.number('patience', 0, MAX_PATIENCE),
    ...(fields.has('whole') && { whole: true }),
    ...(fields.has('payload') && { payload: fields.bytes('payload') }),
  }),
};
