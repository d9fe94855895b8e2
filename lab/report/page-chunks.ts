import type { NodeEvent } from '../observe/evidence.ts';
import { formatRate } from '../topology/index.ts';
import { type PageEvent, type PageTransaction, TICKS } from './page-data.ts';

/** Events that begin a transaction, and what each is. */
const BEGINNINGS: Record<string, PageTransaction['kind']> = { proposed: 'put', requested: 'get' };
/** What every event of a transaction has, and is shown elsewhere. */
const COMMON = new Set(['t', 'node', 'event', 'txn', 'hash']);

/**
 * The transactions that nodes told of, each with its events in order of time.
 * @param numbered transactions that have a number already; others get the next ones
 */
export function chunksOf(
  events: readonly NodeEvent[],
  numbered: ReadonlyMap<string, number>,
  nodes: ReadonlyMap<string, number>,
  ticks: (time: number) => number,
): { chunks: PageTransaction[]; transactions: string[] } {
  const transactions = [...numbered.keys()];
  const numberOf = new Map(numbered);
  const chunks = new Map<string, PageTransaction>();
  for (const event of [...events].sort((a, b) => a.t - b.t)) {
    const txn = event['txn'];
    if (typeof txn !== 'string') continue;
    if (!numberOf.has(txn)) numberOf.set(txn, transactions.push(txn) - 1);
    const kind = BEGINNINGS[event.event];
    const from = nodes.get(event.node) ?? -1;
    if (kind && !chunks.has(txn)) {
      chunks.set(txn, { transaction: numberOf.get(txn)!, kind, hash: String(event['hash'] ?? ''), from, events: [] });
    }
    chunks.get(txn)?.events.push(pageEvent(event, from, ticks(event.t)));
  }
  return { chunks: [...chunks.values()], transactions };
}

function pageEvent(event: NodeEvent, node: number, at: number): PageEvent {
  const { start, length } = event as { start?: number; length?: number };
  const isWindow = typeof start === 'number' && typeof length === 'number';
  const words = Object.entries(event)
    .filter(([name]) => !COMMON.has(name) && !(isWindow && (name === 'start' || name === 'length')))
    .map(([name, value]) => phrase(name, value));
  if (isWindow) words.push(`window of ${length.toFixed(1)} ms${start > 0 ? ` in ${start.toFixed(1)} ms` : ''}`);
  return {
    at,
    node,
    name: event.event,
    words: words.join(', '),
    ...(isWindow && { window: [Math.round(start * TICKS), Math.round((start + length) * TICKS)] }),
  };
}

function phrase(name: string, value: unknown): string {
  if (name === 'rate' && typeof value === 'number') return formatRate(Math.round(value));
  if (Array.isArray(value)) return `${name} ${value.join(' ')}`;
  if (typeof value === 'number' && !Number.isInteger(value)) return `${name} ${value.toFixed(3)}`;
  if (typeof value === 'object' && value !== null) return `${name} ${JSON.stringify(value)}`;
  return `${name} ${String(value)}`;
}
