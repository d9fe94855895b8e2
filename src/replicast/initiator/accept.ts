import { bitmapOf } from '../bitmap.ts';
import { ANNOUNCE_INTERVAL } from '../constants.ts';
import { flowOf, type TransferPart } from '../effects.ts';
import { fanOut } from '../fan-out.ts';
import { datagramCount } from '../messages/data.ts';
import type { PutAccept } from '../messages.ts';
import type { Window } from '../reservations.ts';
import { transferTime, unsolicitedRate } from '../settings.ts';
import type { InitiatorContext } from './context.ts';
import type { PlannedTransfer } from './plan.ts';
import { byLacking } from './plan-rest.ts';
import { unstored } from './propose.ts';
import type { Put } from './put.ts';

/** The targets have the chunk from the proposal: only who is to keep it has to be said. */
export function acceptImmediate(context: InitiatorContext, put: Put, members: string[], now: number): void {
  sendAccept(context, put, members, [{ start: now, end: now }], now);
  put.phase = 'collecting';
  put.transferEnd = now;
  put.deadline = now + context.ackWait(put.group);
}

/** Tells the group who gets the chunk when, and has it sent. */
export function acceptPlan(context: InitiatorContext, put: Put, plan: readonly PlannedTransfer[], now: number): void {
  const members = plan.flatMap((transfer) => transfer.members);
  const order = [...plan].sort((a, b) => position(put, a.members[0]!) - position(put, b.members[0]!));
  sendAccept(
    context,
    put,
    members,
    order.map(({ window }) => window),
    now,
  );
  put.phase = 'transferring';
  put.deadline = now + ANNOUNCE_INTERVAL;
  const repair = put.sentBytes > 0;
  plan.forEach(({ members: to, window, rate }, i) => {
    const id = `put/${put.txn}/${put.attempt}/${i}`;
    context.uplink.take(id, window);
    const parts = partsOf(put, new Map(to.map((name) => [name, missingAt(put, name)])));
    transfer(context, put, id, parts, { start: window.start, rate, reserved: true, repair });
    const datagrams = parts.reduce((sum, { indices }) => sum + indices.length, 0);
    const bytes = Math.min(datagrams * put.datagram, put.chunk.length);
    const planned = transferTime(bytes, put.datagram, context.settings.datagramOverhead, rate);
    context.sending.set(id, { ...window, planned });
  });
}

/** Sends what single targets lack, without a reservation, each datagram to those that lack it. */
export function sendRepair(
  context: InitiatorContext,
  put: Put,
  missing: ReadonlyMap<string, Uint8Array>,
  now: number,
): void {
  put.attempt++;
  put.phase = 'transferring';
  put.deadline = now + ANNOUNCE_INTERVAL;
  delete put.accepted;
  context.counters.add('repairs');
  const id = `put/${put.txn}/${put.attempt}/repair`;
  const rate = unsolicitedRate(context.settings) / fanOut(context.membership.zones, [...missing.keys()]);
  transfer(context, put, id, partsOf(put, missing), { start: now, rate, reserved: false, repair: true });
}

/** Each datagram to those that lack it. */
function partsOf(put: Put, missing: ReadonlyMap<string, Uint8Array | undefined>): TransferPart[] {
  const count = datagramCount(put.chunk.length, put.datagram);
  return byLacking(missing, count).map(({ members, indices }) => ({ to: { group: put.group, members }, indices }));
}

/** What a target said that it lacks; `undefined` = everything. */
function missingAt(put: Put, name: string): Uint8Array | undefined {
  const answer = put.answers.get(name);
  return answer?.status === 'window' ? answer.candidate.missing : undefined;
}

/** Says once more who gets the chunk when, so that the targets do not forget how to reach this host. */
export function announceAgain(context: InitiatorContext, put: Put, now: number): void {
  put.deadline = now + ANNOUNCE_INTERVAL;
  if (!put.accepted) return;
  const { message, windows } = put.accepted;
  context.send({ ...message, windows: relative(windows, now) }, { group: put.group, members: [...put.chosen.keys()] });
}

function sendAccept(
  context: InitiatorContext,
  put: Put,
  members: readonly string[],
  windows: Window[],
  now: number,
): void {
  const { txn, attempt, group } = put;
  const message: PutAccept = {
    kind: 'PutAccept',
    txn,
    attempt,
    group,
    members: bitmapOf(
      members.map((name) => position(put, name)),
      put.members.length,
    ),
    windows: relative(windows, now),
  };
  put.accepted = { message, windows };
  put.chosen = new Map(members.map((name) => [name, { state: 'pending' }]));
  context.send(message, { group, members: unstored(put) });
  const { start, length } = message.windows[0]!;
  context.event('accepted', put, { hash: put.hash, to: [...members], start, length });
}

function transfer(
  context: InitiatorContext,
  put: Put,
  id: string,
  parts: readonly TransferPart[],
  { start, rate, reserved, repair }: { start: number; rate: number; reserved: boolean; repair: boolean },
): void {
  const { txn, attempt, chunk, datagram } = put;
  const datagrams = parts.reduce((sum, { indices }) => sum + indices.length, 0);
  const bytes = Math.min(datagrams * datagram, chunk.length);
  put.transfers.add(id);
  put.sentBytes += bytes;
  context.counters.add('sent datagrams', datagrams);
  if (repair) context.counters.add('resent datagrams', datagrams);
  const to = [...new Set(parts.flatMap((part) => ('members' in part.to ? part.to.members : [])))];
  context.event('transfer', put, { hash: put.hash, to, datagrams, rate, reserved });
  context.effects.push({
    kind: 'transfer',
    transfer: {
      id,
      stream: { kind: 'Data', txn, attempt, repair, chunk, datagram },
      parts,
      start,
      rate,
      reserved,
      flow: flowOf(txn),
    },
  });
}

function relative(windows: readonly Window[], now: number): { start: number; length: number }[] {
  return windows.map(({ start, end }) => ({
    start: Math.max(0, start - now),
    length: Math.max(0, end - Math.max(start, now)),
  }));
}

function position(put: Put, name: string): number {
  return put.members.indexOf(name);
}
