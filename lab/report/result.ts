import type { LinkMode } from '../plan/index.ts';
import type { Outcome } from '../verdict/verdict.ts';

/** One thing that was checked: a stage of the run, a step of the scenario, or an expectation. */
export interface Point {
  title: string;
  outcome: Outcome;
  /** One line. */
  summary: string;
  /** More lines for whoever wants to know why: the datagram's way, a node's last log lines. */
  details?: string[];
}

/** What a run came to; written as result.json, which keeps this shape. */
export interface RunResult {
  schema: 1;
  /** Name of the topology. */
  topology: string;
  /** The topology file, as the user named it. */
  file: string;
  outcome: Outcome | 'unsupported';
  /** Where the evidence is. */
  folder: string;
  seed: number;
  /** What links were to be made of. */
  links: LinkMode;
  /** ISO 8601. */
  startedAt: string;
  /** ms of each stage; `total` is from the first to the last inside the sandbox, `teardown` until its last process had ended (the kernel frees what they held in the background). */
  took: { build: number; nodes: number; scenario: number; judge: number; teardown: number; total: number };
  points: Point[];
  figures: Figures;
  versions: Record<string, string>;
}

/** Numbers of a run that people compare. */
export interface Figures {
  namespaces: number;
  links: number;
  nodes: number;
  puts: number;
  datagrams: number;
  traversals: number;
  /** Most crossings of one trunk direction by one datagram. */
  trunkStress: number;
  /** Frames that the capture missed. */
  captureDrops: number;
  /** Frames that wires lost without meaning to. */
  framesMissed: number;
}

/** Exit codes of castlab: lab.md, section Verdicts. */
export const exitCodes = { pass: 0, fail: 1, badInput: 2, inconclusive: 3, unsupported: 77 } as const;

/** The worst outcome decides: a failure outranks an inconclusive run, which outranks a machine that lacks something. */
export function exitCodeOf(results: readonly Pick<RunResult, 'outcome'>[]): number {
  for (const outcome of ['fail', 'inconclusive', 'unsupported'] as const) {
    if (results.some((result) => result.outcome === outcome)) return exitCodes[outcome];
  }
  return exitCodes.pass;
}

/** What the points of a run add up to. */
export function outcomeOf(points: readonly Point[]): Outcome {
  if (points.some((point) => point.outcome === 'fail')) return 'fail';
  return points.some((point) => point.outcome === 'inconclusive') ? 'inconclusive' : 'pass';
}
