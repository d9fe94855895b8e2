import { bitmapBytes, bitsOf } from '../bitmap.ts';
import { Kind } from '../prefix.ts';
import type { Codec, Transaction } from './codec.ts';
import { checkNumber, DecodeFailure } from './fields.ts';
import { MAX_MEMBERS, MAX_MS } from './limits.ts';

/** When one transfer happens: ms, relative to the receipt of the message that says so. */
export interface RelativeWindow {
  start: number;
  length: number;
}

/** initiator → negotiating group: the members in the map are the rendezvous group, the others are free again. */
export interface PutAccept extends Transaction {
  kind: 'PutAccept';
  group: string;
  /** Rendezvous map: bit i is member i of the group. */
  members: Uint8Array;
  /** One window for all, or (hybrid) one for each bit of the map, in its order. */
  windows: RelativeWindow[];
}

export const putAccept: Codec<PutAccept> = {
  kind: Kind.PutAccept,
  body: (message) => ({
    group: message.group,
    members: message.members,
    windows: message.windows.map(({ start, length }) => [start, length]),
  }),
  read: (transaction, fields) => {
    const members = fields.bytes('members');
    if (members.length > bitmapBytes(MAX_MEMBERS)) throw new DecodeFailure('bad-members');
    const windows = fields.list('windows', MAX_MEMBERS, readWindow);
    const chosen = bitsOf(members, members.length * 8).length;
    if (windows.length === 0 || (windows.length !== 1 && windows.length !== chosen)) {
      throw new DecodeFailure('bad-windows');
    }
    return { kind: 'PutAccept', ...transaction, group: fields.text('group'), members, windows };
  },
};

function readWindow(value: unknown): RelativeWindow {
  if (!Array.isArray(value) || value.length !== 2) throw new DecodeFailure('bad-windows');
  return {
    start: checkNumber(value[0], 'windows', 0, MAX_MS),
    length: checkNumber(value[1], 'windows', 0, MAX_MS),
  };
}
