import { bitmapBytes, bitsOf } from '../bitmap.ts';
import { Kind } from '../prefix.ts';
import { DecodeFailure } from './body.ts';
import type { Codec, Transaction } from './codec.ts';
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
  write: ({ group, members, windows }, body) => {
    body.text(group);
    body.bytes(members);
    body.integer(windows.length);
    for (const { start, length } of windows) {
      body.number(start);
      body.number(length);
    }
  },
  read: ({ txn, attempt }, body) => {
    const group = body.text('group');
    const members = body.bytes('members', bitmapBytes(MAX_MEMBERS));
    const count = body.integer('windows', 1, MAX_MEMBERS);
    if (count !== 1 && count !== bitsOf(members, members.length * 8).length) throw new DecodeFailure('bad-windows');
    const windows: RelativeWindow[] = [];
    for (let i = 0; i < count; i++) {
      windows.push({ start: body.number('windows', 0, MAX_MS), length: body.number('windows', 0, MAX_MS) });
    }
    return { kind: 'PutAccept', txn, attempt, group, members, windows };
  },
};
