import * as z from 'zod';
import { linkModes } from '../plan/index.ts';

/** Of something that was checked; `inconclusive`: the machine could not measure well enough to say. */
const outcome = z.enum(['pass', 'fail', 'inconclusive']);
const count = z.int().min(0);
const ms = z.number().min(0);

const exhibit = z.object({
  datagram: z.string().describe('Its identity: 16 hexadecimal digits, as in ledger.jsonl and events.jsonl'),
  from: z.string().describe('Host that sent it'),
  to: z.array(z.string()).describe('Hosts that it addressed'),
  finding: z.string().describe('What is wrong with it'),
  replicast: z
    .object({ kind: z.string(), attempt: count, index: count })
    .exactOptional()
    .describe(
      'Of a Replicast message: which one of its transaction. The same in every run of the same scenario, where identities differ',
    ),
});

const point = z.object({
  title: z.string(),
  outcome,
  summary: z.string().describe('One line'),
  details: z
    .array(z.string())
    .exactOptional()
    .describe("More lines for whoever wants to know why: the datagram's way, a node's last log lines"),
  exhibit: exhibit.exactOptional().describe('The datagram that shows it'),
});

const figures = z.object({
  namespaces: count,
  links: count,
  nodes: count,
  puts: count,
  datagrams: count.describe('Sent by applications'),
  traversals: count.describe('Crossings of one link, in one direction, by one datagram'),
  trunkStress: count.describe('Most crossings of one trunk direction by one datagram'),
  captureDrops: count.describe('Frames that the capture missed: above 0 the ledger proves nothing'),
  framesMissed: count.describe('Frames that wires lost without meaning to'),
  latency: z
    .object({ deliveries: count, p50: ms, p99: ms, floor: z.object({ p50: ms, p99: ms }) })
    .exactOptional()
    .describe('One-way times of all deliveries, ms, and the floors that the topology itself implies for them'),
});

/** What a run came to, as result.json has it. Fields may be added within one schema number; none is taken away or changes its meaning. */
export const runResult = z.object({
  schema: z.literal(1),
  topology: z.string().describe('Name of the topology'),
  file: z.string().describe('The topology file, as the user named it'),
  outcome: z.enum([...outcome.options, 'unsupported']),
  folder: z.string().describe('Where the evidence was written'),
  seed: count,
  links: z.enum(linkModes).describe('What links were to be made of'),
  startedAt: z.iso.datetime(),
  took: z
    .object({ build: ms, nodes: ms, scenario: ms, judge: ms, teardown: ms, total: ms })
    .describe(
      'ms of each stage; total is from the first to the last inside the sandbox, teardown until its last process had ended (the kernel frees what they held in the background)',
    ),
  points: z.array(point).describe('What was checked, in order: stages of the run, steps of the scenario, expectations'),
  figures,
  versions: z.record(z.string(), z.string()).describe('What the run depended on'),
});

/** One thing that was checked: a stage of the run, a step of the scenario, or an expectation. */
export type Point = z.infer<typeof point>;
/** The datagram that shows why a point is what it is. */
export type PointExhibit = z.infer<typeof exhibit>;
/** Numbers of a run that people compare. */
export type Figures = z.infer<typeof figures>;
export type RunResult = z.infer<typeof runResult>;

/** The JSON Schema of result.json, for programs that read it. */
export function resultSchema(): unknown {
  return { title: 'result.json of a castlab run', ...z.toJSONSchema(runResult, { io: 'input' }) };
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
export function outcomeOf(points: readonly Point[]): Point['outcome'] {
  if (points.some((point) => point.outcome === 'fail')) return 'fail';
  return points.some((point) => point.outcome === 'inconclusive') ? 'inconclusive' : 'pass';
}
