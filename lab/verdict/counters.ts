import { counterOf } from '../observe/counters.ts';
import type { Evidence } from '../observe/evidence.ts';
import type { CountersExpectation } from '../topology/index.ts';
import { tellingOne } from './exhibit.ts';
import { limitsOf } from './limits.ts';
import type { Verdict } from './verdict.ts';

/** What one node, or all together, counted by the end, or between the beginning and the end of a phase. */
export function judgeCounters(expectation: CountersExpectation, evidence: Evidence): Verdict {
  const { counter, node, atLeast, atMost, phase } = expectation;
  const limits = limitsOf(expectation, evidence);
  const words = typeof limits === 'string' ? '' : limits.words;
  const bound =
    atLeast === atMost
      ? `exactly ${atLeast}`
      : [atLeast === undefined ? '' : `at least ${atLeast}`, atMost === undefined ? '' : `at most ${atMost}`]
          .filter(Boolean)
          .join(' and ');
  const title = `${counter} of ${node ?? 'all nodes'} counts ${bound}${words}`;
  if (typeof limits === 'string') return { title, outcome: 'fail', summary: limits };

  const start = phase === undefined ? undefined : evidence.counters.findIndex((snapshot) => snapshot.phase === phase);
  const before = start === undefined ? undefined : evidence.counters[start]?.nodes;
  const after = (start === undefined ? evidence.counters.at(-1) : evidence.counters[start + 1])?.nodes;
  const nodes = node === undefined ? Object.keys(after ?? {}) : [node];
  const counted: [string, number][] = [];
  for (const name of nodes) {
    const end = counterOf(after?.[name], counter);
    // What has never happened is not among the counters yet.
    const begin =
      phase === undefined ? 0 : (counterOf(before?.[name], counter) ?? (before?.[name] === undefined ? undefined : 0));
    if (end === undefined || begin === undefined) {
      if (node === undefined) continue;
      return { title, outcome: 'fail', summary: `${name} did not say what ${counter} is` };
    }
    counted.push([name, end - begin]);
  }
  if (counted.length === 0) return { title, outcome: 'fail', summary: `no node has a counter ${counter}` };
  const total = counted.reduce((sum, [, count]) => sum + count, 0);
  const shares = counted.filter(([, count]) => count !== 0).sort((a, b) => b[1] - a[1]);
  const by =
    node === undefined && shares.length > 0 ? `: ${shares.map(([name, count]) => `${name} ${count}`).join(', ')}` : '';
  const summary = `${total}${by}`;
  if (total >= (atLeast ?? Number.NEGATIVE_INFINITY) && total <= (atMost ?? Number.POSITIVE_INFINITY)) {
    return { title, outcome: 'pass', summary };
  }
  const whose = node ?? shares[0]?.[0];
  const exhibit = tellingOne(
    limits.datagrams.filter(({ from, to }) => whose === undefined || from === whose || to.includes(whose)),
    evidence,
  );
  return { title, outcome: 'fail', summary, ...(exhibit && { exhibit }) };
}
