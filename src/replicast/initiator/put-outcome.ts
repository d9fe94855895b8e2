import type { InitiatorContext } from './context.ts';
import { listed, type PutFailure, type PutResult } from './outcome.ts';
import type { Put } from './put.ts';

/** Enough replicas are stored. */
export function completePut(context: InitiatorContext, put: Put, now: number): void {
  const result: PutResult = {
    hash: put.hash,
    group: put.group,
    bytes: put.chunk.length,
    replicas: put.members.filter((member) => put.stored.has(member)),
    attempts: put.failures + 1,
    rounds: put.attempt,
    sentBytes: put.sentBytes,
    ms: now - put.startedAt,
  };
  end(put);
  context.counters.add('puts done');
  const { hash, replicas, bytes, ms } = result;
  context.event('chunk-done', put, { hash, replicas, bytes, ms });
  context.effects.push({ kind: 'put-done', id: put.id, result });
}

/** No attempts are left. @param cause when it is not what the members said or did not say */
export function failPut(context: InitiatorContext, put: Put, now: number, cause?: string): void {
  const stored = put.members.filter((member) => put.stored.has(member));
  const silent = put.members.filter((member) => isSilent(put, member));
  const refused = [...put.refused]
    .filter(([target]) => !put.stored.has(target))
    .map(([target, why]) => ({ target, why }));
  const failure: PutFailure = {
    hash: put.hash,
    group: put.group,
    bytes: put.chunk.length,
    wanted: put.replicas,
    stored,
    silent,
    refused,
    attempts: put.failures,
    rounds: put.attempt,
    ms: now - put.startedAt,
    message: describe(put, stored, silent, refused, cause),
  };
  end(put);
  context.counters.add('puts failed');
  const { message: error, hash } = failure;
  context.event('chunk-failed', put, { hash, stored, silent, refused, error });
  context.effects.push({ kind: 'put-failed', id: put.id, failure });
}

function end(put: Put): void {
  put.phase = 'ended';
  put.deadline = Number.POSITIVE_INFINITY;
}

function isSilent(put: Put, member: string): boolean {
  if (put.stored.has(member) || put.refused.has(member)) return false;
  return !put.answers.has(member) || put.chosen.get(member)?.state === 'pending';
}

function describe(
  put: Put,
  stored: readonly string[],
  silent: readonly string[],
  refused: readonly { target: string; why: string }[],
  cause: string | undefined,
): string {
  const parts = [
    `chunk ${put.hash.slice(0, 12)} has ${stored.length} of ${put.replicas} replicas in group ${put.group}`,
    `stored on ${listed(stored)}`,
  ];
  if (silent.length > 0) parts.push(`no answer from ${listed(silent)}`);
  if (refused.length > 0) parts.push(`refused by ${listed(refused.map(({ target, why }) => `${target} (${why})`))}`);
  if (cause !== undefined) parts.push(cause);
  return `${parts.join('; ')}; ${put.failures} failed attempts, ${put.attempt} rounds`;
}
