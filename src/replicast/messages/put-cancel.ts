import { Kind } from '../prefix.ts';
import type { Codec, Transaction } from './codec.ts';

/** initiator → negotiating group: no window of this attempt is wanted. */
export interface PutCancel extends Transaction {
  kind: 'PutCancel';
  group: string;
}

export const putCancel: Codec<PutCancel> = {
  kind: Kind.PutCancel,
  body: ({ group }) => ({ group }),
  read: (transaction, fields) => ({ kind: 'PutCancel', ...transaction, group: fields.text('group') }),
};
