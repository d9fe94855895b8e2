import type { Datagram, Evidence, PutRecord } from '../observe/evidence.ts';
import { formatRate, type GoodputExpectation } from '../topology/index.ts';
import { crossedBy, strayed } from './calibrated.ts';
import { tellingOne } from './exhibit.ts';
import { limitsOf } from './limits.ts';
import { EMULATED, excuse, putsRanOutOfTime } from './noise.ts';
import type { Verdict } from './verdict.ts';

/** ms in which at least one of the puts was under way. */
export function timeOfPutting(puts: readonly Pick<PutRecord, 'startedAt' | 'took'>[]): number {
  let total = 0;
  let until = Number.NEGATIVE_INFINITY;
  for (const { startedAt, took } of [...puts].sort((a, b) => a.startedAt - b.startedAt)) {
    const end = startedAt + took;
    total += Math.max(0, end - Math.max(startedAt, until));
    until = Math.max(until, end);
  }
  return total;
}

/** What their senders sent while these puts were under way. */
function datagramsOf(puts: readonly PutRecord[], { datagrams }: Evidence): Datagram[] {
  return [...datagrams.values()].filter(({ sentAt, from }) =>
    puts.some((put) => put.from === from && sentAt >= put.startedAt && sentAt <= put.startedAt + put.took),
  );
}

/** Bits of objects put, per second in which a put was under way. A machine that kept its processes waiting may be why it is too little. */
export function judgeGoodput(expectation: GoodputExpectation, evidence: Evidence): Verdict {
  const { atLeast, from } = expectation;
  const limits = limitsOf(expectation, evidence);
  const words = typeof limits === 'string' ? '' : limits.words;
  const title = `puts${from === undefined ? '' : ` from ${from}`} at ${formatRate(atLeast)} at least${words}`;
  if (typeof limits === 'string') return { title, outcome: 'fail', summary: limits };
  const puts = evidence.puts.filter((put) => limits.holds(put.startedAt) && (from === undefined || put.from === from));
  if (puts.length === 0) return { title, outcome: 'fail', summary: 'nothing was put' };
  const failed = puts.find(({ error }) => error !== undefined);
  if (failed && putsRanOutOfTime(evidence)) {
    const summary = `a put failed, and ${EMULATED}: ${failed.error}`;
    return { title, outcome: 'inconclusive', summary, ...shown(puts, evidence) };
  }
  const bits = puts.reduce((sum, { bytes, error }) => sum + (error === undefined ? bytes * 8 : 0), 0);
  if (failed && bits === 0) {
    return { title, outcome: 'fail', summary: `nothing was stored: ${failed.error}`, ...shown(puts, evidence) };
  }
  const took = timeOfPutting(puts);
  const rate = took > 0 ? (bits / took) * 1000 : 0;
  const summary = `${(rate / 1e6).toFixed(2)} mbit/s: ${bits / 8} bytes in ${took.toFixed(0)} ms`;
  const off = failed ? undefined : strayed(evidence, crossedBy(datagramsOf(puts, evidence), evidence));
  if (off) return { title, outcome: 'inconclusive', summary: `${summary}: ${off}` };
  if (rate >= atLeast) return { title, outcome: 'pass', summary };

  const over = took - (bits / atLeast) * 1000;
  const excused = failed ? undefined : excuse(over, evidence);
  if (excused) {
    return { title, outcome: 'inconclusive', summary: `${summary}: ${over.toFixed(0)} ms too long, but ${excused}` };
  }
  const because = failed ? `; a put failed: ${failed.error}` : '';
  return { title, outcome: 'fail', summary: `${summary}${because}`, ...shown(puts, evidence) };
}

/** Of the put that took longest for its size, the datagram that shows most. */
function shown(puts: readonly PutRecord[], evidence: Evidence): Pick<Verdict, 'exhibit'> {
  const slowest = puts.reduce((a, b) => (b.took / (b.bytes || 1) > a.took / (a.bytes || 1) ? b : a));
  const exhibit = tellingOne(datagramsOf([slowest], evidence), evidence);
  return exhibit ? { exhibit } : {};
}
