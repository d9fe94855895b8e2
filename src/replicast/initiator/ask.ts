import { bitsOf } from '../bitmap.ts';
import {
  BACKOFF,
  MAX_ACK_WAIT,
  MAX_BACKOFF,
  MAX_ROUNDS,
  MAX_UNSOLICITED_REPAIR,
  MIN_GET_WAIT,
  MIN_QUIET,
} from '../constants.ts';
import { datagramCount } from '../messages/data.ts';
import type { Window } from '../reservations.ts';
import { reservedRate, transferTime, unsolicitedRate } from '../settings.ts';
import type { InitiatorContext } from './context.ts';
import { type Bidder, type Get, groupAsked } from './get.ts';
import { failGet } from './get-outcome.ts';

/** Asks the members of the next group who has the chunk. */
export function ask(context: InitiatorContext, get: Get, now: number): void {
  if (get.attempt >= MAX_ROUNDS) {
    failGet(context, get, now);
    return;
  }
  const group = groupAsked(get);
  const members = context.membership.members(group) ?? [];
  get.attempt++;
  get.phase = 'asking';
  get.askedAt = now;
  get.roundTrip = 0;
  get.answered = new Set();
  get.bidders = [];
  get.retryAt = 0;
  for (const member of members) get.asked.add(member);
  get.deadline = now + context.bidDeadline(group, get.failures);
  const { txn, attempt, hash } = get;
  const patience = context.patience(group, get.failures, 0);
  const notBefore = Math.max(0, freeFrom(context, now) - now);
  context.send({ kind: 'GetRequest', txn, attempt, group, hash, notBefore, patience }, { group, members });
  context.event('requested', get, { hash, group });
}

/** All live members have answered, or the deadline has passed: takes the best bidder, or asks elsewhere. */
export function chooseBidder(context: InitiatorContext, get: Get, now: number): void {
  const group = groupAsked(get);
  if (get.answered.size > 0) context.measured(group, get.roundTrip);
  else context.unmeasured(get, { group, askedAt: get.askedAt, roundTrip: 0 });
  for (const member of context.membership.members(group) ?? []) {
    if (get.answered.has(member)) get.silent.delete(member);
    else get.silent.add(member);
  }
  get.bidders.sort((a, b) => endFor(context, a, now) - endFor(context, b, now) || a.queue - b.queue);
  nextBidder(context, get, now);
}

/** Accepts the next best bidder; when there is none left, goes on to the next group, or begins anew. */
export function nextBidder(context: InitiatorContext, get: Get, now: number): void {
  stopReceiving(context, get);
  const bidder = get.bidders.shift();
  if (bidder) {
    accept(context, get, bidder, now);
    return;
  }
  get.turn++;
  if (get.turn < get.groups.length) {
    ask(context, get, now);
    return;
  }
  const certain = get.silent.size === 0 && get.corrupt.size === 0 && get.retryAt === 0;
  get.failures++;
  if (certain || get.failures >= context.settings.attempts) {
    failGet(context, get, now);
    return;
  }
  get.turn = 0;
  get.silent.clear();
  get.phase = 'backing-off';
  const pause = Math.min(MAX_BACKOFF, BACKOFF * 3 ** get.failures) * (0.5 + context.random() / 2);
  get.deadline = Math.max(now + pause, get.retryAt);
}

/** Asks the sender for what has not come. */
export function requestMissing(context: InitiatorContext, get: Get, now: number): void {
  const { reassembly, winner, txn } = get;
  if (!reassembly || !winner) return;
  get.attempt++;
  get.receivedBefore = reassembly.received;
  const group = groupAsked(get);
  const { settings } = context;
  const rate = reservedRate(settings);
  const missing = reassembly.missing();
  const indices = bitsOf(missing, reassembly.count);
  const lacking = indices.length * winner.datagram;
  let window: Window;
  if (indices.length <= MAX_UNSOLICITED_REPAIR) {
    // So little comes beside what is reserved.
    context.downlink.release(`get/${txn}`);
    window = { start: now, end: now + durationOf(context, lacking, winner.datagram, unsolicitedRate(settings)) };
  } else {
    const possible = Math.min(winner.rate, rate);
    window = reserve(context, get, now, durationOf(context, lacking, winner.datagram, possible));
  }
  get.lastIndex = indices.at(-1)!;
  get.windowEnd = window.end;
  get.deadline = window.end + waitFor(context, get);
  context.counters.add('get repairs');
  const message = { kind: 'GetAccept', txn, attempt: get.attempt, group, winner: winner.name } as const;
  const [start, length] = [window.start - now, window.end - window.start];
  context.send({ ...message, start, length, rate, missing }, { group, members: [winner.name] });
}

/** ms without data, after the window, that make the sender a silent one. */
export function waitFor(context: InitiatorContext, get: Get): number {
  const usual = Math.min(MAX_ACK_WAIT, context.getLateness.bound ?? 0);
  return Math.max(MIN_GET_WAIT, usual, 3 * (context.roundTrip(groupAsked(get)) ?? 0));
}

/** ms after the last datagram of the chunk in which those that were overtaken may still come. */
export function quietFor(context: InitiatorContext, get: Get): number {
  return Math.max(MIN_QUIET, context.roundTrip(groupAsked(get)) ?? 0);
}

export function stopReceiving(context: InitiatorContext, get: Get): void {
  context.downlink.release(`get/${get.txn}`);
  delete get.winner;
}

export function dropReassembly(get: Get): void {
  get.reassembly?.release();
  delete get.reassembly;
}

function accept(context: InitiatorContext, get: Get, winner: Bidder, now: number): void {
  const group = groupAsked(get);
  const members = context.membership.members(group) ?? [];
  const rate = Math.min(winner.rate, reservedRate(context.settings));
  const { reassembly } = get;
  if (get.suspicious || reassembly?.chunk.length !== winner.size || get.datagram !== winner.datagram) {
    dropReassembly(get);
    get.reassembly = context.createReassembly(winner.size, winner.datagram);
    get.datagram = winner.datagram;
  }
  // What an earlier bidder has sent need not be sent again.
  const missing = get.reassembly && get.reassembly.received > 0 ? get.reassembly.missing() : undefined;
  const indices = missing && bitsOf(missing, get.reassembly!.count);
  const lacking = indices ? indices.length * winner.datagram : winner.size;
  const duration = durationOf(context, lacking, winner.datagram, rate);
  const window = reserve(context, get, Math.max(now, winner.start), duration);
  get.lastIndex = indices ? indices.at(-1)! : datagramCount(winner.size, winner.datagram) - 1;
  if (get.phase === 'receiving') get.attempt++;
  get.phase = 'receiving';
  get.winner = winner;
  get.accepted.add(winner.name);
  get.windowEnd = window.end;
  get.lastDataAt = now;
  get.receivedBefore = -1;
  get.deadline = window.end + waitFor(context, get);
  const { txn, attempt } = get;
  const start = window.start - now;
  context.send(
    {
      kind: 'GetAccept',
      txn,
      attempt,
      group,
      winner: winner.name,
      start,
      length: duration,
      rate: reservedRate(context.settings),
      ...(missing && { missing }),
    },
    { group, members },
  );
  context.event('accepted', get, { hash: get.hash, from: winner.name, start, length: duration });
}

/** The earliest window of this host's own link that is so long, in place of what the get had. */
function reserve(context: InitiatorContext, { txn }: Get, notBefore: number, length: number): Window {
  const request = { notBefore, notAfter: Number.POSITIVE_INFINITY, least: length, most: length };
  return context.downlink.reserve(`get/${txn}`, request)!;
}

/** When this host's own link is free for at least a moment. */
function freeFrom(context: InitiatorContext, now: number): number {
  return context.downlink.find({ notBefore: now, notAfter: Number.POSITIVE_INFINITY, least: 0.1, most: 0.1 })!.start;
}

function endFor(context: InitiatorContext, bidder: Bidder, now: number): number {
  const rate = Math.min(bidder.rate, reservedRate(context.settings));
  return Math.max(now, bidder.start) + durationOf(context, bidder.size, bidder.datagram, rate);
}

function durationOf(context: InitiatorContext, bytes: number, datagram: number, rate: number): number {
  return transferTime(bytes, datagram, context.settings.datagramOverhead, rate);
}
