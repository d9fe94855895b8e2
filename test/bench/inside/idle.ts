/** Starts N nodes that have nothing to do, or N times Node.js alone, and weighs them: `idle.ts N nodes|bare`. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { compile } from '../../../lab/plan/index.ts';
import { Lab } from '../../../lab/run/lab.ts';
import { applyPlan, enterSandbox } from '../../../lab/sandbox/index.ts';
import { loadTopology } from '../../../lab/topology/index.ts';
import { say } from './say.ts';

/** What is started is still busy with that for a while, ms. */
const SETTLING = 2000;

const place = await enterSandbox();
if (!place.inside) process.exit(place.exitCode);
const [text, kind] = process.argv.slice(2) as [string, 'nodes' | 'bare'];
const count = Number(text);
const pids = kind === 'nodes' ? await startNodes() : startNode();
await sleep(SETTLING);
const sizes = pids.map((pid) => {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)![1]) * 1024;
});
say({ each: sizes.reduce((sum, size) => sum + size, 0) / count });
// The sandbox takes along what runs in it.
process.exit(0);

async function startNodes(): Promise<number[]> {
  const hosts = Array.from({ length: count }, (_, i) => `t${i}: target`).join(', ');
  const plan = compile(loadTopology(`name: idle\nzones:\n  z: { hosts: { ${hosts} } }\n`, 'idle.yaml'));
  await applyPlan(plan);
  const lab = new Lab(plan, { folder: await mkdtemp('/tmp/castlab-bench-') });
  await lab.start();
  return [...lab.nodes.values()].map(({ pid }) => pid!);
}

function startNode(): number[] {
  const command = ['-e', 'setInterval(() => {}, 60_000)'];
  return Array.from({ length: count }, () => spawn(process.execPath, command, { stdio: 'ignore' }).pid!);
}
