/**
 * One object put to three targets and got back, through a lab whose links are not shaped, as fast as a busy machine can follow, and the most memory (bytes) that a node ever had:
 * `object.ts BYTES`. Ends with an error when what comes back is something else.
 */
import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { compile } from '../../../lab/plan/index.ts';
import { Lab } from '../../../lab/run/lab.ts';
import { applyPlan, enterSandbox } from '../../../lab/sandbox/index.ts';
import { loadTopology } from '../../../lab/topology/index.ts';
import { GeneratedContent } from '../../../src/replicast/index.ts';
import { say } from './say.ts';

const SEED = 2024;
/** What comes back lies beside the stores, in memory that the sandbox takes along. */
const OUTPUT = '/run/castlab/out';

const place = await enterSandbox();
if (!place.inside) process.exit(place.exitCode);
const size = Number(process.argv[2]);
const plan = compile(
  loadTopology(
    'name: object\nzones:\n  hall: { native: true, hosts: { i1: initiator, t1: target, t2: target, t3: target } }\noverlay: { capacity: 400mbit }\n',
    'object.yaml',
  ),
);
await applyPlan(plan, { exact: false });
const folder = await mkdtemp('/tmp/castlab-bench-');
const lab = new Lab(plan, { folder, datagramEvents: false });
await lab.start();

const began = performance.now();
const { object } = (await lab.node('i1').request('put', { generate: { size, seed: SEED } })) as { object: string };
const put = performance.now() - began;
await lab.node('i1').request('get', { object, output: OUTPUT });
const get = performance.now() - began - put;
const [initiator, ...targets] = [...lab.nodes.values()].map(({ pid }) => mostMemory(pid!));
const identical = (await hashOf(createReadStream(OUTPUT))) === (await hashOf(content()));
await lab.stop();
await rm(folder, { recursive: true });
if (!identical) throw new Error('what came back is not what was put');
say({ bytes: size, put, get, initiator: initiator!, target: Math.max(...targets) });
process.exit(0);

/** The most that was ever resident, mapped files included: VmHWM, proc_pid_status(5). */
function mostMemory(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) * 1024;
}

function* content(): Iterable<Uint8Array> {
  const generated = new GeneratedContent(SEED);
  for (let left = size; left > 0; left -= 1 << 20) yield generated.next(Math.min(left, 1 << 20));
}

async function hashOf(pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
}
