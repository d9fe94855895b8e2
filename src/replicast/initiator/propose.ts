import { CONTENTIONS_BEFORE_HYBRID, MAX_ROUNDS } from '../constants.ts';
import { worstFanOut } from '../fan-out.ts';
import { encodeMessage, type PutProposal } from '../messages.ts';
import { PREFIX_BYTES } from '../prefix.ts';
import { transferTime } from '../settings.ts';
import type { InitiatorContext } from './context.ts';
import { type Put, wanting } from './put.ts';
import { failPut } from './put-outcome.ts';

/** Begins a round: asks every member that does not have the chunk yet. */
export function propose(context: InitiatorContext, put: Put, now: number): void {
  if (put.attempt >= MAX_ROUNDS) {
    failPut(context, put, now, 'gave up: no common window');
    return;
  }
  put.attempt++;
  put.phase = 'bidding';
  put.proposedAt = now;
  put.answers = new Map();
  put.chosen = new Map();
  put.roundTrip = 0;
  delete put.accepted;
  const to = { group: put.group, members: unstored(put) };
  let largest: number;
  try {
    const payloads = context.maxPayloads(put);
    largest = payloads.proposal;
    put.datagram = payloads.data - PREFIX_BYTES;
  } catch (error) {
    failPut(context, put, now, (error as Error).message);
    return;
  }
  put.deadline = now + context.bidDeadline(put.group, put.failures);
  const { settings } = context;
  const needed = wanting(put);
  // In hybrid mode every datagram goes to one target.
  const hybrid = isHybrid(context, put);
  const copies = hybrid ? 1 : worstFanOut(context.membership.zones, to.members, needed);
  put.rate = context.sendRate / copies;
  const duration = transferTime(put.chunk.length, put.datagram, settings.datagramOverhead, put.rate);
  const own = context.uplink.find({
    notBefore: Math.max(context.freeFrom(now), put.notBefore),
    notAfter: Number.POSITIVE_INFINITY,
    least: duration,
    most: duration,
  });
  const proposal: PutProposal = {
    kind: 'PutProposal',
    txn: put.txn,
    attempt: put.attempt,
    group: put.group,
    hash: put.hash,
    length: put.chunk.length,
    replicas: needed,
    datagram: put.datagram,
    notBefore: own!.start - now,
    rate: put.rate,
    ...(settings.repair === 'whole' && { whole: true }),
    span: hybrid ? settings.hybridBidMultiplier * needed : settings.bidMultiplier,
    patience: context.patience(put.group, put.failures, put.contentions),
  };
  put.notBefore = own!.start;
  put.immediate = fits({ ...proposal, payload: put.chunk }, largest);
  if (put.immediate) put.sentBytes += put.chunk.length;
  context.send(put.immediate ? { ...proposal, payload: put.chunk } : proposal, to);
  context.event('proposed', put, { hash: put.hash, group: put.group, bytes: put.chunk.length, replicas: needed });
}

/** Members that do not have the chunk for certain. */
export function unstored(put: Put): string[] {
  return put.members.filter((member) => !put.stored.has(member));
}

/** Whether the replicas are sent to one after the other. */
export function isHybrid(context: InitiatorContext, put: Put): boolean {
  return context.settings.mode === 'hybrid' || put.contentions >= CONTENTIONS_BEFORE_HYBRID;
}

function fits(proposal: PutProposal, largest: number): boolean {
  return proposal.length < largest && encodeMessage(proposal).length <= largest;
}
