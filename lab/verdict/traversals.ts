import type { Evidence } from '../observe/evidence.ts';
import type { TraversalsExpectation } from '../topology/index.ts';
import { limitsOf } from './limits.ts';
import { describeSelection, selectDirections } from './links.ts';
import type { Exhibit, Verdict } from './verdict.ts';

const times = (n: number) => (n === 1 ? 'once' : n === 2 ? 'twice' : `${n} times`);

/** No link direction named carries one datagram more often than allowed (or exactly as often as said). */
export function judgeTraversals(expectation: TraversalsExpectation, evidence: Evidence): Verdict {
  const { exactly } = expectation;
  const limit = exactly ?? expectation.atMost ?? 1;
  const bound = exactly === undefined ? `at most ${times(limit)}` : `exactly ${times(limit)}`;
  const which = expectation.to ? `datagrams to ${expectation.to.join(', ')}` : 'each datagram';
  const cross = expectation.to ? 'cross' : 'crosses';
  const where = describeSelection(expectation.on);
  const limits = limitsOf(expectation, evidence);
  const words = typeof limits === 'string' ? '' : limits.words;
  const rule = exactly === 0 ? `${which} never ${cross} ${where}` : `${which} ${cross} ${where} ${bound}`;
  const title = `${rule}${words}`;

  if (typeof limits === 'string') return { title, outcome: 'fail', summary: limits };
  if (evidence.captureDrops > 0) {
    return { title, outcome: 'inconclusive', summary: `the capture missed ${evidence.captureDrops} frames` };
  }
  const directions = selectDirections(evidence.plan, expectation.on);
  if (directions.size === 0) return { title, outcome: 'fail', summary: 'no link matches' };

  let judged = 0;
  let crossings = 0;
  let worst: { exhibit: Exhibit; off: number } | undefined;
  const bad = new Map<string, number>();
  for (const id of evidence.ledger.datagrams()) {
    if (!limits.admits(id)) continue;
    const datagram = evidence.datagrams.get(id);
    if (expectation.to && !expectation.to.every((host) => datagram?.to.includes(host))) continue;
    judged++;
    const counts = evidence.ledger.crossings(id);
    for (const direction of directions) {
      const count = counts.get(direction) ?? 0;
      crossings += count;
      if (exactly === undefined ? count <= limit : count === limit) continue;
      bad.set(direction, (bad.get(direction) ?? 0) + 1);
      const off = Math.abs(count - limit);
      if (worst && worst.off >= off) continue;
      worst = {
        off,
        exhibit: {
          datagram: id,
          from: datagram?.from ?? 'unknown',
          to: datagram?.to ?? [],
          finding: `crossed ${direction} ${count === 0 ? 'never' : times(count)}`,
          hops: evidence.ledger.of(id),
        },
      };
    }
  }
  if (judged === 0) return { title, outcome: 'fail', summary: 'no such datagram was seen on any link' };
  if (!worst) return { title, outcome: 'pass', summary: `${judged} datagrams, ${crossings} crossings` };
  const links = [...bad].sort((a, b) => b[1] - a[1]).map(([direction, count]) => `${direction} (${count})`);
  return {
    title,
    outcome: 'fail',
    summary: `${worst.exhibit.finding}; datagrams off by link: ${links.slice(0, 6).join(', ')}${links.length > 6 ? ', …' : ''}`,
    exhibit: worst.exhibit,
  };
}
