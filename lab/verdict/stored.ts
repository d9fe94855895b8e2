import type { Evidence, PutRecord } from '../observe/evidence.ts';
import type { StoredExpectation } from '../topology/index.ts';
import { tellingOne } from './exhibit.ts';
import { limitsOf } from './limits.ts';
import { EMULATED, putsRanOutOfTime } from './noise.ts';
import type { Verdict } from './verdict.ts';

/**
 * Every chunk of every put has at least that many replicas, each vouched for by the target itself: the target's own
 * word that it verified and stored the hash, not only the initiator's that it heard so.
 */
export function judgeStored(expectation: StoredExpectation, evidence: Evidence): Verdict {
  const limits = limitsOf(expectation, evidence);
  const words = typeof limits === 'string' ? '' : limits.words;
  const title = `every put stored as ${expectation.replicas} verified replicas${words}`;
  if (typeof limits === 'string') return { title, outcome: 'fail', summary: limits };
  const puts = evidence.puts.filter(({ startedAt }) => limits.holds(startedAt));
  const holders = new Map<string, Set<string>>();
  for (const { node, hash } of evidence.stored) {
    const nodes = holders.get(hash);
    if (nodes) nodes.add(node);
    else holders.set(hash, new Set([node]));
  }
  if (puts.length === 0) return { title, outcome: 'fail', summary: 'nothing was put' };
  const wrong: string[] = [];
  let certain = false;
  let first: PutRecord | undefined;
  let chunks = 0;
  for (const put of puts) {
    const before = wrong.length;
    if (put.error !== undefined) wrong.push(`put from ${put.from}: ${put.error}`);
    for (const chunk of put.chunks) {
      chunks++;
      const name = `chunk ${chunk.hash.slice(0, 12)}`;
      const unproved = chunk.replicas.filter((target) => !holders.get(chunk.hash)?.has(target));
      if (unproved.length > 0) {
        wrong.push(`${name}: ${unproved.join(', ')} acknowledged but never said stored`);
        certain = true;
      }
      const proved = new Set(chunk.replicas).size - unproved.length;
      if (proved < expectation.replicas) wrong.push(`${name}: ${proved} replicas of ${expectation.replicas}`);
    }
    if (put.error === undefined && put.chunks.length === 0) wrong.push(`put from ${put.from}: no chunk was stored`);
    if (wrong.length > before) {
      first ??= put;
      certain ||= put.error === undefined;
    }
  }
  if (wrong.length === 0) {
    return { title, outcome: 'pass', summary: `${puts.length} puts, ${chunks} chunks` };
  }
  const more = wrong.length > 1 ? ` (and ${wrong.length - 1} more)` : '';
  const during = [...evidence.datagrams.values()].filter(
    ({ from, sentAt }) =>
      from === first!.from && sentAt >= first!.startedAt && sentAt <= first!.startedAt + first!.took,
  );
  const exhibit = tellingOne(during, evidence);
  if (!certain && putsRanOutOfTime(evidence)) {
    return {
      title,
      outcome: 'inconclusive',
      summary: `${wrong[0]}${more}, and ${EMULATED}`,
      ...(exhibit && { exhibit }),
    };
  }
  return { title, outcome: 'fail', summary: `${wrong[0]}${more}`, ...(exhibit && { exhibit }) };
}
