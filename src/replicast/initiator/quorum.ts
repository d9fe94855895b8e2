import { acceptImmediate } from './accept.ts';
import type { InitiatorContext } from './context.ts';
import { best, candidatesOf, choose, startDelay, take } from './decide.ts';
import type { Candidate, PlannedTransfer } from './plan.ts';
import { isHybrid } from './propose.ts';
import type { Put } from './put.ts';

/**
 * Decides before all live members have answered, if what the others may say cannot change it for the better: the transfer begins at once, at
 * the full rate, to targets with nothing else to do, and nobody who has the chunk is missed. For the latter so many must have said that
 * they lack it that fewer are left than an earlier put would have made replicas: any two such quorums have a member in common.
 * @param awaited live members that have not answered
 */
export function decideByQuorum(context: InitiatorContext, put: Put, awaited: readonly string[], now: number): void {
  const { members, replicas } = put;
  const usual = Math.min(replicas, context.settings.replicas);
  // Who is asked once more may be storing the chunk, or have a part of it.
  if (put.attempt > 1 || put.answers.size < Math.max(replicas, members.length - usual + 1)) return;
  const candidates = candidatesOf(put);
  if (candidates.length < put.answers.size) return;
  if (put.immediate) {
    const chosen = best(candidates, replicas);
    if (!areIdle(candidates, chosen)) return;
    settled(context, put, awaited);
    acceptImmediate(context, put, chosen, now);
    return;
  }
  const plan = isHybrid(context, put) ? undefined : choose(context, put, candidates, replicas, now);
  if (!plan?.every((transfer) => isUnbeatable(put, transfer, now) && areIdle(candidates, transfer.members))) return;
  settled(context, put, awaited);
  take(context, put, plan, now);
}

function settled(context: InitiatorContext, put: Put, awaited: readonly string[]): void {
  const { group, proposedAt, roundTrip } = put;
  context.counters.add('decided by quorum');
  context.unmeasured(put, { group, askedAt: proposedAt, roundTrip, awaited: new Set(awaited) });
}

function isUnbeatable(put: Put, transfer: PlannedTransfer, now: number): boolean {
  return startDelay(put, transfer, now) === 0 && transfer.rate >= put.rate;
}

function areIdle(candidates: readonly Candidate[], names: readonly string[]): boolean {
  return candidates.every(({ name, queue }) => queue === 0 || !names.includes(name));
}
