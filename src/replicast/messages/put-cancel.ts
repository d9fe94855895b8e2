import { Kind } from '../prefix.ts';
import type { Codec, Transaction } from './codec.ts';

/** initiator → negotiating group: no window of this attempt is wanted. */
export interface PutCancel extends Transaction {
  kind: 'PutCancel';
  group: string;
}

export const putCancel: Codec<PutCancel> = {
  kind: Kind.PutCancel,
  write: ({ group }, body) => body.text(group),
  read: ({ txn, attempt }, body) => ({ kind: 'PutCancel', txn, attempt, group: body.text('group') }),
};
