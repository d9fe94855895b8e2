import { MAX_PATIENCE } from '../constants.ts';
import { Kind } from '../prefix.ts';
import type { Codec, Transaction } from './codec.ts';
import { MAX_MS } from './limits.ts';

/** initiator → negotiating group: who has this chunk, and when could it send it? */
export interface GetRequest extends Transaction {
  kind: 'GetRequest';
  group: string;
  hash: string;
  /** ms from receipt before which the initiator's own link is busy. */
  notBefore: number;
  /** ms that the initiator may take to decide, which the window has to hold besides. */
  patience: number;
}

export const getRequest: Codec<GetRequest> = {
  kind: Kind.GetRequest,
  write: ({ group, hash, notBefore, patience }, body) => {
    body.text(group);
    body.hash(hash);
    body.number(notBefore);
    body.number(patience);
  },
  read: ({ txn, attempt }, body) => ({
    kind: 'GetRequest',
    txn,
    attempt,
    group: body.text('group'),
    hash: body.hash(),
    notBefore: body.number('notBefore', 0, MAX_MS),
    patience: body.number('patience', 0, MAX_PATIENCE),
  }),
};
