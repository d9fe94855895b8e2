import type { Datagram, Evidence } from '../observe/evidence.ts';
import type { DeliveredExpectation } from '../topology/index.ts';
import { exhibitOf } from './exhibit.ts';
import { limitsOf } from './limits.ts';
import { judgeRepaired } from './repaired.ts';
import type { Exhibit, Verdict } from './verdict.ts';

/** What is wrong with the deliveries of one datagram; empty when every addressed host got it once and no other did. */
export function faults(datagram: Datagram, evidence: Evidence): string[] {
  const found: string[] = [];
  const times = new Map<string, number>();
  for (const { node } of datagram.deliveries) times.set(node, (times.get(node) ?? 0) + 1);
  for (const host of datagram.to) {
    const count = times.get(host) ?? 0;
    if (count === 0) {
      const killed = evidence.killed.has(host) ? ' (its process was killed)' : '';
      found.push(`${host} missed it${killed}`);
    } else if (count > 1) found.push(`${host} got it ${count} times`);
    times.delete(host);
  }
  for (const host of times.keys()) found.push(`${host} got it without being addressed`);
  return found;
}

/** Exactly once at every addressed host, nowhere else; or, where links lose frames, what repair has to bring about. */
export function judgeDelivered(expectation: DeliveredExpectation, evidence: Evidence): Verdict {
  const limits = limitsOf(expectation, evidence);
  const rule = expectation.repaired
    ? 'every part of every chunk delivered after repair, to its addressees only'
    : 'every datagram delivered exactly once, to its addressees only';
  const title = `${rule}${typeof limits === 'string' ? '' : limits.words}`;
  if (typeof limits === 'string') return { title, outcome: 'fail', summary: limits };
  if (limits.datagrams.length === 0) return { title, outcome: 'fail', summary: 'no datagram was sent' };
  if (expectation.repaired) return judgeRepaired(title, limits.datagrams, evidence);

  let exhibit: Exhibit | undefined;
  let bad = 0;
  let deliveries = 0;
  const missedBy = new Map<string, number>();
  for (const datagram of limits.datagrams) {
    deliveries += datagram.deliveries.length;
    const found = faults(datagram, evidence);
    if (found.length === 0) continue;
    bad++;
    for (const host of datagram.to) {
      if (!datagram.deliveries.some(({ node }) => node === host)) missedBy.set(host, (missedBy.get(host) ?? 0) + 1);
    }
    exhibit ??= exhibitOf(datagram, found.join('; '), evidence);
  }
  // A killed sender takes its last events with it; what it sent may still arrive.
  const strays = evidence.strays.filter(
    ({ id, at }) => evidence.killed.size === 0 && limits.holds(at) && limits.admits(id),
  );
  if (bad === 0 && strays.length === 0) {
    return { title, outcome: 'pass', summary: `${limits.datagrams.length} datagrams, ${deliveries} deliveries` };
  }
  const missed = [...missedBy].map(([host, count]) => `${host} missed ${count}`).join(', ');
  const parts = [
    bad > 0 ? `${bad} of ${limits.datagrams.length} datagrams went wrong${missed ? `: ${missed}` : ''}` : '',
    strays.length > 0 ? `${strays.length} deliveries of datagrams nobody sent, first at ${strays[0]!.node}` : '',
  ];
  return { title, outcome: 'fail', summary: parts.filter(Boolean).join('; '), ...(exhibit && { exhibit }) };
}
