import { bitsOf } from '../bitmap.ts';
import { BACKOFF, MAX_BACKOFF } from '../constants.ts';
import { fanOut } from '../fan-out.ts';
import { datagramCount } from '../messages/data.ts';
import { reservedRate, transferTime } from '../settings.ts';
import { acceptImmediate, acceptPlan } from './accept.ts';
import { BidPatience } from './choosy.ts';
import type { InitiatorContext } from './context.ts';
import {
  type Candidate,
  commonStart,
  compare,
  type PlannedTransfer,
  type PlanRequest,
  planHybrid,
  planMulticast,
} from './plan.ts';
import { planRest } from './plan-rest.ts';
import { isHybrid, unstored } from './propose.ts';
import { type Put, wanting } from './put.ts';
import { completePut, failPut } from './put-outcome.ts';

/** All live members have answered, or the deadline has passed: takes the best windows, or tries again. */
export function decide(context: InitiatorContext, put: Put, now: number): void {
  if (put.answers.size > 0) context.measured(put.group, put.roundTrip);
  else context.unmeasured(put, { group: put.group, askedAt: put.proposedAt, roundTrip: 0 });
  if (wanting(put) <= 0) {
    cancel(context, put);
    completePut(context, put, now);
    return;
  }
  noteStoring(put, now);
  const needed = wanting(put) - put.storing.size;
  if (needed <= 0) {
    cancel(context, put);
    awaitStoring(context, put, now);
    return;
  }
  const candidates = candidatesOf(put);
  if (candidates.length < needed) {
    tooFew(context, put, now);
    return;
  }
  if (put.immediate) {
    acceptImmediate(context, put, best(candidates, needed), now);
    return;
  }
  const plan = choose(context, put, candidates, needed, now);
  if (!plan) {
    contend(context, put, commonStart(candidates, needed), now);
    return;
  }
  take(context, put, plan, now);
}

/** The windows that were offered so far. */
export function candidatesOf(put: Put): Candidate[] {
  const candidates: Candidate[] = [];
  for (const answer of put.answers.values()) if (answer.status === 'window') candidates.push(answer.candidate);
  return candidates;
}

/** Accepts a plan, unless its windows are so late that it is better to ask again. */
export function take(context: InitiatorContext, put: Put, plan: readonly PlannedTransfer[], now: number): void {
  put.bidPatience ??= new BidPatience(context, put.group);
  const wait = startDelay(put, plan[0]!, now);
  if (put.bidPatience.refuses(wait)) {
    context.counters.add('renegotiated');
    context.event('renegotiated', put, { hash: put.hash, wait });
    cancel(context, put);
    again(put, now, put.roundTrip * context.random());
    return;
  }
  put.bidPatience.accepts(wait, put.group);
  acceptPlan(context, put, plan, now);
}

/** A round failed: back off, then try again, as long as there are attempts left. */
export function retry(context: InitiatorContext, put: Put, now: number, pause: number): void {
  put.failures++;
  if (put.failures >= context.settings.attempts) {
    failPut(context, put, now);
    return;
  }
  again(put, now, pause);
}

/** Frees what was offered in this round, or may have been by those whose answer is still under way. */
export function cancel(context: InitiatorContext, put: Put): void {
  const answered = new Set([...put.answers].filter(([, { status }]) => status !== 'window').map(([name]) => name));
  const members = unstored(put).filter((name) => !answered.has(name));
  if (members.length === 0) return;
  const { txn, attempt, group } = put;
  context.send({ kind: 'PutCancel', txn, attempt, group }, { group, members });
}

export function again(put: Put, now: number, pause: number): void {
  put.phase = 'backing-off';
  put.deadline = now + pause;
}

/** ms to pause after a failed round: doubles each time, never twice the same for two initiators that collide. */
export function backOff(context: InitiatorContext, put: Put): number {
  return Math.min(MAX_BACKOFF, BACKOFF * 3 ** put.failures) * (0.5 + context.random() / 2);
}

function noteStoring(put: Put, now: number): void {
  for (const [target, answer] of put.answers) {
    if (answer.status !== 'storing' || put.stored.has(target)) put.storing.delete(target);
    else if (!put.storing.has(target)) put.storing.set(target, now);
  }
}

/** Enough targets are writing the chunk already: their acknowledgements are waited for. */
function awaitStoring(context: InitiatorContext, put: Put, now: number): void {
  put.phase = 'collecting';
  put.chosen = new Map([...put.storing.keys()].map((target) => [target, { state: 'pending' }]));
  put.transferEnd = now;
  put.deadline = now + context.ackWait(put.group);
}

/** Too few windows: silence and refusals are failures, "busy" is not. */
function tooFew(context: InitiatorContext, put: Put, now: number): void {
  cancel(context, put);
  let retryAt = 0;
  for (const [target, answer] of put.answers) {
    if (answer.status !== 'not-now') put.refused.delete(target);
    else put.refused.set(target, answer.why);
    if (answer.status === 'not-now' && answer.why === 'busy') retryAt = Math.max(retryAt, answer.retryAt);
  }
  if (retryAt === 0) {
    retry(context, put, now, backOff(context, put));
    return;
  }
  put.contentions++;
  again(put, now, (retryAt - now) * (1 + context.random()));
}

/** Enough windows, but none in common: asks for the time at which enough are free, after others have had a turn. */
function contend(context: InitiatorContext, put: Put, notBefore: number, now: number): void {
  context.counters.add('no common window');
  cancel(context, put);
  put.contentions++;
  put.notBefore = notBefore;
  const turn = Math.max(1, put.roundTrip) * 2 ** Math.min(put.contentions, 6);
  again(put, now, turn * context.random());
}

/** ms from now, or when the put may begin if that is later, to the begin of a transfer. */
export function startDelay({ notBefore }: Put, { window }: PlannedTransfer, now: number): number {
  return Math.max(0, window.start - Math.max(now, notBefore));
}

/** The windows to take, if enough are to be had. */
export function choose(
  context: InitiatorContext,
  put: Put,
  candidates: readonly Candidate[],
  needed: number,
  now: number,
): PlannedTransfer[] | undefined {
  const { settings } = context;
  const request: PlanRequest = {
    candidates,
    needed,
    now: context.freeFrom(now),
    expected: put.rate,
    linkRate: (names) => reservedRate(settings) / fanOut(context.membership.zones, names),
    slowness: context.slowness.factor,
    uplink: context.uplink,
    duration: (candidate, rate) =>
      transferTime(bytesFor(put, candidate), put.datagram, settings.datagramOverhead, rate),
  };
  if (isHybrid(context, put)) return planHybrid(request);
  if (!candidates.some(({ missing }) => missing)) {
    const transfer = planMulticast(request);
    return transfer && [transfer];
  }
  const count = datagramCount(put.chunk.length, put.datagram);
  const rest = planRest(request, count, (datagrams, rate) =>
    transferTime(datagrams * put.datagram, put.datagram, settings.datagramOverhead, rate),
  );
  const apart = planHybrid(request);
  // Copies to several targets in one zone take longer than one at a time, if little is lacked by both.
  if (!rest || (apart && apart.at(-1)!.window.end < rest.window.end)) return apart;
  return [rest];
}

function bytesFor(put: Put, candidate: Candidate | undefined): number {
  if (!candidate?.missing) return put.chunk.length;
  return bitsOf(candidate.missing, datagramCount(put.chunk.length, put.datagram)).length * put.datagram;
}

/** The names of the best of them. */
export function best(candidates: readonly Candidate[], needed: number): string[] {
  const ranked = [...candidates].sort(compare);
  return ranked.slice(0, needed).map(({ name }) => name);
}
