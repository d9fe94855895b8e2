import { kindName } from '../../src/replicast/prefix.ts';
import { NodeError } from '../nodes/node.ts';
import type { LinkMeasurement } from '../observe/evidence.ts';
import type { Point, PointExhibit } from '../report/index.ts';
import type { StepOutcome } from '../scenario/play.ts';
import { describeHops, EMULATED, type Exhibit, type Verdict } from '../verdict/index.ts';

/** Hops that a report spells out; the ledger has the rest. */
const shownHops = 40;

/** Steps that fail when something takes too long. */
const TIMED = new Set<StepOutcome['kind']>(['put', 'get', 'wait-for']);

/** @param emulated whether the processors of this machine are: what took too long there may be their doing. */
export function pointOfStep({ kind, title, summary, error }: StepOutcome, emulated: boolean): Point {
  if (!error) return { title, outcome: 'pass', summary };
  const details = detailsOfError(error);
  if (!emulated || !TIMED.has(kind)) return { title, outcome: 'fail', summary, details };
  return { title, outcome: 'inconclusive', summary: `${summary}, and ${EMULATED}`, details };
}

/** @param again the command that plays the same scenario again. */
export function pointOfVerdict(verdict: Verdict, again: string): Point {
  const { title, outcome, summary, exhibit } = verdict;
  if (outcome === 'pass') return { title, outcome, summary, ...(exhibit && { exhibit: named(exhibit) }) };
  if (!exhibit) return { title, outcome, summary, details: [`to see it again: ${again}`] };
  const hops = describeHops(exhibit.hops.slice(0, shownHops));
  const more = exhibit.hops.length - hops.length;
  return {
    title,
    outcome,
    summary,
    details: [
      `datagram ${exhibit.datagram} from ${exhibit.from} to ${exhibit.to.join(', ') || 'unknown'}: ${exhibit.finding}`,
      ...hops,
      ...(more > 0 ? [`… and ${more} more crossings in ledger.jsonl`] : []),
      `to see it again: ${again}`,
    ],
    exhibit: named(exhibit),
  };
}

/** An exhibit without its hops, which the ledger has. */
function named({ datagram, from, to, finding, hops }: Exhibit): PointExhibit {
  const message = hops.find(({ replicast }) => replicast)?.replicast;
  const replicast = message && {
    kind: kindName(message.kind) ?? String(message.kind),
    attempt: message.attempt,
    index: message.index,
  };
  return { datagram, from, to: [...to], finding, ...(replicast && { replicast }) };
}

/** What was measured of the links. One that is off is no failure: it makes the verdicts about times on it inconclusive. */
export function pointOfCalibration(measured: readonly LinkMeasurement[], took: number): Point {
  const off = measured.filter((one) => one.off !== undefined);
  const [first] = off;
  const found =
    first === undefined ? 'all as declared' : `${off.length} not as declared: ${first.direction} has ${first.off}`;
  return {
    title: 'links are measured',
    outcome: 'pass',
    summary: `${measured.length} directions, ${found}, ${took.toFixed(0)} ms`,
    ...(off.length > 0 && { details: off.map(({ direction, off }) => `${direction}: ${off}`) }),
  };
}

/** A capture with holes: a run cannot pass on evidence that may lack what would have failed it. */
export function pointOfDrops({ frames, dropped }: { frames: number; dropped: number }): Point {
  const summary = `the capture missed ${dropped} of ${frames + dropped} frames: this machine was too busy for what the scenario sends`;
  return { title: 'every frame is captured', outcome: 'inconclusive', summary };
}

/** A stage that broke: the fabric, the nodes, the capture. */
export function pointOfError(title: string, error: Error): Point {
  return {
    title,
    outcome: 'fail',
    summary: error.message.split('\n')[0] ?? 'failed',
    details: [...error.message.split('\n').slice(1), ...detailsOfError(error)],
  };
}

/** Of an error that is bad luck or a bug, where it came from; of a node's, its last words. */
function detailsOfError(error: Error): string[] {
  if (error instanceof NodeError) return error.lastLines.map((line) => `${error.node} | ${line}`);
  return [];
}
