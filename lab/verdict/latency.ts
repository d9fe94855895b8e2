import type { Evidence } from '../observe/evidence.ts';
import { type OneWay, oneWayTimes } from '../observe/one-way.ts';
import type { LatencyExpectation } from '../topology/index.ts';
import { strayed } from './calibrated.ts';
import { type Limits, limitsOf } from './limits.ts';
import { addedByWaiting, addedToTime, NOISE, overload } from './noise.ts';
import { ascending, quantile } from './quantile.ts';
import type { Verdict } from './verdict.ts';

/** One delivery and what of its time is above the allowed multiple of the floor, ms. */
type Measured = OneWay & { excess: number };

const ms = (value: number) => `${value.toFixed(3)} ms`;

/**
 * Judges measured one-way times against the floor of each datagram's own overlay path. A miss smaller than what the control probe saw is
 * not the relay's fault for certain: inconclusive. So is a bound that allows less than this machine alone may add: an instrument whose
 * error is larger than what it is to tell apart proves nothing either way. On an overloaded machine no bound is missed for certain, nor where a
 * node on the path waited for its turn so long that without it the bound would have been met.
 */
export function judgeLatency(expectation: LatencyExpectation, evidence: Evidence): Verdict {
  const { quantile: q, paths, extra } = expectation;
  const name = q === 1 ? 'max' : `p${Number((q * 100).toFixed(3))}`;
  const floorName = paths === 1 ? 'path' : `${paths} × path`;
  const limits = limitsOf(expectation, evidence);
  const words = typeof limits === 'string' ? '' : limits.words;
  const title = `one-way ${name} within ${floorName} + ${Number(extra.toFixed(3))} ms${words}`;

  if (evidence.captureDrops > 0) {
    return { title, outcome: 'inconclusive', summary: `the capture missed ${evidence.captureDrops} frames` };
  }
  if (typeof limits === 'string') return { title, outcome: 'fail', summary: limits };
  const measured = measure(evidence, limits, expectation.links, paths);
  if (measured.length === 0) return { title, outcome: 'fail', summary: 'no delivered datagram has a known path' };

  measured.sort((a, b) => a.excess - b.excess);
  const chosen = measured[Math.max(0, Math.ceil(q * measured.length) - 1)]!;
  const p50 = quantile(ascending(measured.map((m) => m.oneWay)), 0.5);
  const figures = `${measured.length} deliveries, p50 ${ms(p50)}; ${name} ${ms(chosen.oneWay)} over a floor of ${ms(chosen.floor)}`;
  const machine = addedToTime(q, chosen.wakeUps, evidence);
  if (evidence.machine?.emulated) {
    return { title, outcome: 'inconclusive', summary: `${figures}: the processors of this machine are emulated` };
  }
  const off = strayed(evidence, new Set(measured.flatMap(({ path }) => path.map(({ link }) => link))));
  if (off) return { title, outcome: 'inconclusive', summary: `${figures}: ${off}` };
  const tolerance = extra + (paths - 1) * chosen.floor;
  if (machine > 0 && machine >= tolerance) {
    const summary = `${figures}: a bound of ${ms(tolerance)} over the floor, and this machine alone added up to ${ms(machine)} (control probe)`;
    return { title, outcome: 'inconclusive', summary };
  }
  const overloaded = overload(evidence);
  if (overloaded && tolerance < NOISE.turn) {
    const summary = `${figures}: a bound of ${ms(tolerance)} over the floor, and ${overloaded}`;
    return { title, outcome: 'inconclusive', summary };
  }
  if (chosen.excess <= extra) return { title, outcome: 'pass', summary: figures };
  if (overloaded) return { title, outcome: 'inconclusive', summary: `${figures}: too much, but ${overloaded}` };

  const over = chosen.excess - extra;
  if (machine >= over) {
    return {
      title,
      outcome: 'inconclusive',
      summary: `${figures}: ${ms(over)} too much, but this machine alone added up to ${ms(machine)} (control probe)`,
    };
  }
  const waiting = addedByWaiting(chosen.oneWay - chosen.floor, nodesOf(chosen), evidence);
  if (waiting && waiting.added >= over) {
    const { node, share, added } = waiting;
    const because = `${node} waited for a processor of this machine for ${(share * 100).toFixed(0)}% of the time in which it had work`;
    const summary = `${figures}: ${ms(over)} too much, but ${because}, which may have added ${ms(added)}`;
    return { title, outcome: 'inconclusive', summary };
  }
  return {
    title,
    outcome: 'fail',
    summary: `${figures}: ${ms(over)} too much`,
    exhibit: {
      datagram: chosen.datagram.id,
      from: chosen.datagram.from,
      to: chosen.datagram.to,
      finding: `took ${ms(chosen.oneWay)} to ${chosen.host}; its path alone takes ${ms(chosen.floor)}`,
      hops: chosen.path,
    },
  };
}

/** Who had a hand in a delivery: the sender, relays, the last host; switches among them have no turns. */
const nodesOf = ({ path }: Measured): string[] => [path[0]!.from, ...path.map(({ to }) => to)];

function measure(evidence: Evidence, limits: Limits, links: readonly string[] | undefined, paths: number): Measured[] {
  return oneWayTimes(evidence, limits.datagrams)
    .filter(({ path }) => !links || path.some(({ link }) => links.includes(link)))
    .map((one) => ({ ...one, excess: one.oneWay - paths * one.floor }));
}
