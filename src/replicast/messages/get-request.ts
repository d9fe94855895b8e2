import { MAX_PATIENCE } from '../constants.ts';
import { hashBytes } from '../hash.ts';
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
  body: (message) => ({
    group: message.group,
    hash: hashBytes(message.hash),
    notBefore: message.notBefore,
    patience: message.patience,
  }),
  read: (transaction, fields) => ({
    kind: 'GetRequest',
    ...transaction,
    group: fields.text('group'),
    hash: fields.hash('hash'),
    notBefore: fields.number('notBefore', 0, MAX_MS),
    patience: fields.number('patience', 0, MAX_PATIENCE),
  }),
};
