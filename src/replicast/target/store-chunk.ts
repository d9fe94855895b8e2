import { TRANSACTION_GRACE } from '../constants.ts';
import type { NackReason } from '../messages/chunk-nack.ts';
import type { TargetContext } from './context.ts';
import type { PutTransaction } from './transactions.ts';

/** Hands a verified chunk to the store. From here on the transaction ends only by the store's answer. */
export function store(context: TargetContext, put: PutTransaction, chunk: Uint8Array, now: number): void {
  put.state = 'storing';
  context.inbound.release(put.key);
  context.storing.set(put.key, now);
  context.puts.schedule(put, Number.POSITIVE_INFINITY);
  context.effects.push({ kind: 'store', key: put.key, hash: put.proposal.hash, chunk });
}

/** The chunk is durable: only now is it acknowledged. */
export function handleStored(context: TargetContext, key: string, now: number): void {
  const put = ended(context, key, now);
  if (!put) return;
  put.state = 'stored';
  put.reassembly?.release();
  delete put.reassembly;
  put.expires = now + TRANSACTION_GRACE;
  context.puts.schedule(put, put.expires);
  context.counters.add('stored');
  context.counters.add('stored bytes', put.proposal.length);
  context.event('stored', put, { hash: put.proposal.hash, bytes: put.proposal.length });
  acknowledge(context, put);
}

/** The chunk could not be written. */
export function handleStoreFailed(
  context: TargetContext,
  key: string,
  reason: Extract<NackReason, 'no space' | 'store failed'>,
  now: number,
): void {
  const put = ended(context, key, now);
  if (!put) return;
  refuse(context, put, reason);
  context.dropPut(put);
}

export function acknowledge(context: TargetContext, put: PutTransaction): void {
  const { txn, attempt } = put;
  put.ackedAttempt = attempt;
  context.reply(put.source, { kind: 'ChunkAck', txn, attempt, hash: put.proposal.hash });
  context.event('acked', put, { hash: put.proposal.hash });
}

export function refuse(context: TargetContext, put: PutTransaction, reason: NackReason): void {
  const { txn, attempt, reassembly } = put;
  const missing = reason === 'missing' || reason === 'hash mismatch' ? reassembly?.missing() : undefined;
  context.reply(put.source, { kind: 'ChunkNack', txn, attempt, reason, ...(missing && { missing }) });
  context.counters.add(`nacked ${reason}`);
  const lacking = reassembly && { missing: reassembly.count - reassembly.received };
  context.event('nacked', put, { hash: put.proposal.hash, reason, ...lacking });
}

function ended(context: TargetContext, key: string, now: number): PutTransaction | undefined {
  const begun = context.storing.get(key);
  if (begun !== undefined) context.storeTime.add(now - begun);
  context.storing.delete(key);
  return context.puts.byKey(key);
}
