import { dropReassembly, stopReceiving } from './ask.ts';
import type { InitiatorContext } from './context.ts';
import { type Get, groupAsked } from './get.ts';
import { type GetFailure, type GetResult, listed } from './outcome.ts';

/** The chunk is here and verified. */
export function completeGet(
  context: InitiatorContext,
  get: Get,
  from: string,
  chunk: Uint8Array,
  release: () => void,
  now: number,
): void {
  const { hash, startedAt, failures } = get;
  const group = groupAsked(get);
  const result: GetResult = { hash, bytes: chunk.length, from, group, attempts: failures + 1, ms: now - startedAt };
  end(context, get);
  context.counters.add('gets done');
  context.event('chunk-got', get, { hash, from, bytes: chunk.length, ms: result.ms });
  context.effects.push({ kind: 'get-done', id: get.id, result, chunk, release });
}

/** Nobody that was asked has sent the chunk. */
export function failGet(context: InitiatorContext, get: Get, now: number): void {
  const among = (set: ReadonlySet<string>) => [...get.asked].filter((name) => set.has(name));
  const asked = [...get.asked];
  const notFound = among(get.notFound);
  const silent = among(get.silent);
  const corrupt = among(get.corrupt);
  const parts = [`chunk not found: ${get.hash}`, `asked ${listed(asked)}`];
  if (notFound.length > 0) parts.push(`${listed(notFound)} ${notFound.length === 1 ? 'does' : 'do'} not have it`);
  if (silent.length > 0) parts.push(`no answer from ${listed(silent)}`);
  if (corrupt.length > 0) parts.push(`wrong content from ${listed(corrupt)}`);
  const failure: GetFailure = {
    hash: get.hash,
    asked,
    notFound,
    silent,
    corrupt,
    attempts: get.failures,
    ms: now - get.startedAt,
    message: parts.join('; '),
  };
  end(context, get);
  context.counters.add('gets failed');
  context.event('chunk-not-found', get, { hash: get.hash, asked, notFound, silent, corrupt });
  context.effects.push({ kind: 'get-failed', id: get.id, failure });
}

function end(context: InitiatorContext, get: Get): void {
  stopReceiving(context, get);
  dropReassembly(get);
  get.phase = 'ended';
  get.deadline = Number.POSITIVE_INFINITY;
}
