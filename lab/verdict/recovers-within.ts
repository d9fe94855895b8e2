import type { Evidence } from '../observe/evidence.ts';
import type { RecoversExpectation } from '../topology/index.ts';
import { crossedBy, strayed } from './calibrated.ts';
import { faults } from './delivered.ts';
import { exhibitOf } from './exhibit.ts';
import { limitsOf } from './limits.ts';
import { excuse } from './noise.ts';
import type { Verdict } from './verdict.ts';

/**
 * From when on, counted from the beginning of the phase (without one, from the first datagram), every datagram reached its addressees exactly once: the time of the last one that did not.
 * A datagram must have been sent after it, or nothing shows that the network has recovered.
 */
export function judgeRecovers(expectation: RecoversExpectation, evidence: Evidence): Verdict {
  const limits = limitsOf(expectation, evidence);
  const words = typeof limits === 'string' ? '' : limits.words;
  const title = `delivers everything again within ${expectation.time} ms${words}`;
  if (typeof limits === 'string') return { title, outcome: 'fail', summary: limits };
  const datagrams = [...limits.datagrams].sort((a, b) => a.sentAt - b.sentAt);
  if (datagrams.length === 0) return { title, outcome: 'fail', summary: 'no datagram was sent' };
  const last = datagrams.findLast((datagram) => faults(datagram, evidence).length > 0);
  if (!last) return { title, outcome: 'pass', summary: `at once: all ${datagrams.length} datagrams arrived` };
  const took = last.sentAt - (limits.from === Number.NEGATIVE_INFINITY ? datagrams[0]!.sentAt : limits.from);
  const exhibit = exhibitOf(last, faults(last, evidence).join('; '), evidence);
  if (datagrams.at(-1) === last) {
    return { title, outcome: 'fail', summary: 'the last datagram that was sent went wrong too', exhibit };
  }
  const summary = `after ${took.toFixed(0)} ms, of ${datagrams.length} datagrams`;
  const off = strayed(evidence, crossedBy(datagrams, evidence));
  if (off) return { title, outcome: 'inconclusive', summary: `${summary}, but ${off}` };
  if (took <= expectation.time) return { title, outcome: 'pass', summary };
  const excused = excuse(took - expectation.time, evidence);
  if (excused) return { title, outcome: 'inconclusive', summary: `${summary}, but ${excused}` };
  return { title, outcome: 'fail', summary, exhibit };
}
