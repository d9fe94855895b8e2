import { MAX_CHUNK_BYTES, MAX_PATIENCE, MAX_SPAN } from '../constants.ts';
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
  write: (proposal, body) => {
    body.text(proposal.group);
    body.hash(proposal.hash);
    body.integer(proposal.length);
    body.integer(proposal.replicas);
    body.integer(proposal.datagram);
    body.number(proposal.notBefore);
    body.number(proposal.rate);
    body.number(proposal.span);
    body.number(proposal.patience);
    body.flag(proposal.whole === true);
    body.optionalBytes(proposal.payload);
  },
  read: ({ txn, attempt }, body) => {
    const proposal: PutProposal = {
      kind: 'PutProposal',
      txn,
      attempt,
      group: body.text('group'),
      hash: body.hash(),
      length: body.integer('length', 1, MAX_CHUNK_BYTES),
      replicas: body.integer('replicas', 1, MAX_MEMBERS),
      datagram: body.integer('datagram', MIN_DATAGRAM, MAX_DATAGRAM),
      notBefore: body.number('notBefore', 0, MAX_MS),
      rate: body.number('rate', 1, MAX_RATE),
      span: body.number('span', 1, MAX_SPAN),
      patience: body.number('patience', 0, MAX_PATIENCE),
    };
    if (body.flag('whole')) proposal.whole = true;
    const payload = body.optionalBytes('payload', MAX_DATAGRAM);
    if (payload) proposal.payload = payload;
    return proposal;
  },
};
