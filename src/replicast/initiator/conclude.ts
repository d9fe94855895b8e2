import { bitsOf } from '../bitmap.ts';
import { MAX_STORING, MAX_UNSOLICITED_REPAIR } from '../constants.ts';
import { datagramCount } from '../messages/data.ts';
import { sendRepair } from './accept.ts';
import type { InitiatorContext } from './context.ts';
import { again, cancel, retry } from './decide.ts';
import { type Progress, type Put, wanting } from './put.ts';
import { completePut } from './put-outcome.ts';

/** Ends the round as soon as every chosen target has said how it fared. */
export function concludeWhenSettled(context: InitiatorContext, put: Put, now: number): void {
  if (put.phase === 'ended') return;
  if (wanting(put) <= 0) {
    if (put.phase === 'bidding') cancel(context, put);
    completePut(context, put, now);
    return;
  }
  if (put.phase !== 'collecting' && put.phase !== 'transferring') return;
  const settled = [...put.chosen.values()].every(({ state }) => state !== 'pending');
  if (settled && put.transfers.size === 0) conclude(context, put, now);
}

/** This host's link is free again, and it is known how long it took. */
export function noteTransferred(context: InitiatorContext, id: string, now: number): void {
  const transfer = context.sending.get(id);
  if (!transfer) return;
  context.slowness.add(transfer.planned, now - Math.max(transfer.start, context.lastTransferred));
  context.lastTransferred = now;
  context.sending.delete(id);
  context.uplink.release(id);
}

/** A transfer of this put has left this host. */
export function handleTransferred(context: InitiatorContext, put: Put, id: string, now: number): void {
  put.transfers.delete(id);
  if (put.transfers.size > 0 || put.phase !== 'transferring') return;
  put.phase = 'collecting';
  put.transferEnd = now;
  put.deadline = now + context.ackWait(put.group);
  concludeWhenSettled(context, put, now);
}

/** The round is over: enough replicas, or a repair, or another round with those that still lack the chunk. */
export function conclude(context: InitiatorContext, put: Put, now: number): void {
  if (wanting(put) <= 0) {
    completePut(context, put, now);
    return;
  }
  const missing = repairable(context, put);
  if (missing) {
    put.failures++;
    // Those that said nothing may still acknowledge; the others start anew.
    for (const [target, { state }] of put.chosen) {
      if (state === 'nacked') put.chosen.set(target, { state: 'pending' });
    }
    sendRepair(context, put, missing, now);
    return;
  }
  const lacking = [...put.chosen].filter(([target]) => !put.stored.has(target));
  const writing = ([target, { state }]: [string, Progress]) =>
    state === 'pending' && now - (put.storing.get(target) ?? Number.NEGATIVE_INFINITY) < MAX_STORING;
  if (lacking.length > 0 && lacking.every(writing)) {
    again(put, now, 0);
    return;
  }
  for (const [target] of lacking) put.storing.delete(target);
  retry(context, put, now, 0);
}

/** What the targets that told it lack, when that is little enough to send without a reservation. */
function repairable(context: InitiatorContext, put: Put): Map<string, Uint8Array> | undefined {
  if (context.settings.repair !== 'bitmap' || put.failures + 1 >= context.settings.attempts) return undefined;
  const count = datagramCount(put.chunk.length, put.datagram);
  const missing = new Map<string, Uint8Array>();
  const lacking = new Set<number>();
  for (const [target, progress] of put.chosen) {
    if (progress.state !== 'nacked') continue;
    if (progress.reason !== 'missing' || !progress.missing) return undefined;
    missing.set(target, progress.missing);
    for (const index of bitsOf(progress.missing, count)) lacking.add(index);
  }
  return missing.size > 0 && lacking.size > 0 && lacking.size <= MAX_UNSOLICITED_REPAIR ? missing : undefined;
}
