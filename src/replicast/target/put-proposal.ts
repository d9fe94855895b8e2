import { MAX_TRANSACTIONS, MIN_QUIET, TRANSACTION_GRACE } from '../constants.ts';
import { contentHash } from '../hash.ts';
import type { PutProposal } from '../messages.ts';
import type { TargetContext } from './context.ts';
import { bid, decline, offer } from './offer.ts';
import type { PutTransaction } from './transactions.ts';

/** A chunk is proposed: answered at once, except that an existing record is first read to see that it is intact. */
export function handlePutProposal(context: TargetContext, source: string, proposal: PutProposal, now: number): void {
  if (context.positionIn(proposal.group) < 0) {
    context.counters.add('proposal of a foreign group');
    return;
  }
  if (proposal.payload && !isWhole(proposal)) {
    context.counters.add('proposal with a wrong payload');
    return;
  }
  const put = known(context, source, proposal, now);
  if (!put) return;
  if (put.state === 'storing') {
    bid(context, put, { status: 'storing' }, now);
    return;
  }
  if (put.state === 'stored') {
    bid(context, put, { status: 'already-stored', hash: proposal.hash }, now);
    return;
  }
  if (put.state === 'checking') return;
  if (context.puts.size > MAX_TRANSACTIONS) {
    decline(context, put, 'busy', now);
    return;
  }
  if (context.store.length(proposal.hash) === proposal.length) {
    put.state = 'checking';
    context.effects.push({ kind: 'read', purpose: 'put', key: put.key, hash: proposal.hash });
    return;
  }
  offer(context, put, now);
}

/** The transaction of a proposal, brought up to date; `undefined` when the proposal says nothing new. */
function known(context: TargetContext, source: string, proposal: PutProposal, now: number): PutTransaction | undefined {
  const put = context.puts.find(source, proposal.txn);
  if (put) {
    if (proposal.attempt <= put.attempt) {
      context.counters.add('stale proposal');
      return undefined;
    }
    if (put.proposal.hash === proposal.hash && put.proposal.length === proposal.length) {
      if (put.reassembly && put.proposal.datagram !== proposal.datagram) {
        put.reassembly.release();
        delete put.reassembly;
      }
      put.proposal = proposal;
      put.attempt = proposal.attempt;
      put.proposedAt = now;
      return put;
    }
    if (put.state === 'storing') {
      context.counters.add('stale proposal');
      return undefined;
    }
    context.dropPut(put);
  }
  const fresh: PutTransaction = {
    key: `${source}/${proposal.txn}`,
    source,
    txn: proposal.txn,
    attempt: proposal.attempt,
    state: 'offered',
    proposal,
    proposedAt: now,
    windowEnd: now,
    expires: now + TRANSACTION_GRACE,
    due: now + TRANSACTION_GRACE,
    quiet: MIN_QUIET,
    lastDataAt: Number.NEGATIVE_INFINITY,
    lastIndexSeen: false,
    nacks: 0,
    newSinceNack: true,
    ackedAttempt: 0,
  };
  context.puts.add(fresh);
  return fresh;
}

function isWhole({ payload, length, hash }: PutProposal): boolean {
  return payload !== undefined && payload.length === length && contentHash(payload) === hash;
}
