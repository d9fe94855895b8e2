/**
 * What the initiator and one of three targets of another zone do while a file is put, over a trunk of 1 Gbit/s or without any shaping:
 * `profile-replicate.ts time|memory MTU shaped|free BYTES FILE`. What was seen goes to FILE as JSON: see `profile/`.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { programOf } from '../../../lab/nodes/programs.ts';
import { compile } from '../../../lab/plan/index.ts';
import { Lab } from '../../../lab/run/lab.ts';
import { applyPlan, enterSandbox } from '../../../lab/sandbox/index.ts';
import { loadTopology } from '../../../lab/topology/index.ts';
import { GeneratedContent } from '../../../src/replicast/index.ts';
import { Profiling } from '../profile/profiled.ts';

/** Bytes of the put before the one that is watched: programs run slower at first. */
const WARM_UP = 32 << 20;
const PAUSE = 50;

const place = await enterSandbox();
if (!place.inside) process.exit(place.exitCode);
const [kind, mtu, shaping, bytes, output] = process.argv.slice(2) as [
  'time' | 'memory',
  string,
  'shaped' | 'free',
  string,
  string,
];
const rate = (text: string) => (shaping === 'shaped' ? `, rate: ${text}` : '');
const plan = compile(
  loadTopology(
    `name: replicate
defaults: { edge: { mtu: ${mtu}${rate('10gbit')} }, trunk: { mtu: ${mtu}${rate('1gbit')} } }
zones:
  west: { hosts: { i1: initiator } }
  east: { native: true, hosts: { t1: target, t2: target, t3: target } }
trunks: [{ between: [west, east] }]
overlay: { chunk-size: 1MiB, capacity: ${shaping === 'shaped' ? '1gbit' : '20gbit'} }
`,
    'replicate.yaml',
  ),
);
await applyPlan(plan, { exact: false });

const folder = await mkdtemp('/dev/shm/castlab-bench-');
const files = ['before', 'watched'].map((name) => join(folder, name)) as [string, string];
for (const [i, file] of files.entries()) {
  await writeFile(file, new GeneratedContent(i).next(i === 0 ? WARM_UP : Number(bytes)));
}
const profiling = new Profiling(kind);
const labFolder = join(folder, 'lab');
await mkdir(labFolder);
for (const node of plan.nodes) {
  node.config['replicast'] = { ...(node.config['replicast'] as object), solicitedShare: 0.95 };
  const [program, ...rest] = programOf(node.role, join(labFolder, 'nodes', `${node.name}.json`))!;
  Object.assign(node, { run: [program, ...profiling.nodeArguments, ...rest] });
}
const lab = new Lab(plan, { folder: labFolder, datagramEvents: false });
await lab.start();
// The lab knows nothing about programs that it is given.
while (lab.events.filter(({ event }) => event === 'ready').length < plan.nodes.length) await sleep(PAUSE);

await lab.node('i1').request('put', { file: files[0], replicas: 3 });
const pids = ['i1', 't1'].map((name) => lab.node(name).pid!);
await profiling.begin(pids);
await lab.node('i1').request('put', { file: files[1], replicas: 3 });
const [initiator, target] = await profiling.end(pids);
await writeFile(output, JSON.stringify({ initiator, target }));
await lab.stop();
await rm(folder, { recursive: true });
process.exit(0);
