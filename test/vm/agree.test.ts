/** The same topology in the VM, with the netem of a stock kernel, and here, with wires: the same verdicts. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { RunResult } from '../../lab/report/index.ts';
import { UnsupportedError } from '../../lab/sandbox/unsupported.ts';
import { findParts } from '../../lab/vm/index.ts';
import { root, start, temporaryFolder, topologyFile } from '../lab/castlab.ts';

/** Why this machine has no VM; `false` when it has one. */
const lacking = await findParts().then(
  () => false as const,
  (error: Error) => {
    if (error instanceof UnsupportedError) return error.message;
    throw error;
  },
);

/** s that the VM gets: where processors are emulated and others have work, too, it takes minutes. */
const PATIENCE = 400;

/** Delay, loss in one direction, and what holds before, while and after. Some of it must fail, in both. */
const topology = `name: agree
defaults: { edge: { rate: 100mbit } }
zones:
  west: { hosts: { i1: initiator } }
  east: { hosts: { t1: target, t2: target } }
trunks:
  - { between: [west, east], rate: 50mbit, delay: 20ms, jitter: 1ms }
scenario:
  - { phase: whole, send: { from: i1, to: [t1, t2], count: 20 } }
  - { after: 500ms, phase: lost, impair: { link: west>east, loss: 100% } }
  - send: { from: i1, to: [t1, t2], count: 20 }
  - { after: 500ms, phase: twice, impair: { link: west>east, loss: 0%, duplicate: 100% } }
  - send: { from: i1, to: [t1], count: 20 }
  - { after: 500ms, phase: healed, impair: { link: west>east, duplicate: 0% } }
  - send: { from: i1, to: [t1, t2], count: 20 }
  - { after: 500ms, phase: put, put: { from: i1, size: 64KiB, replicas: 2 } }
  - get: { by: i1 }
expect:
  - { delivered: all, phase: whole }
  - { delivered: all, phase: lost }
  - { delivered: all, phase: healed }
  - { traversals: { on: [west>east], exactly: 1 }, phase: whole }
  - { traversals: { on: [west>east], per-datagram: 1 }, phase: lost }
  - { traversals: { on: [west>east], exactly: 1 }, phase: twice }
  - { traversals: { on: [west>east], exactly: 1 }, phase: healed }
  - { bytes: { on: [west>east], per-payload: 1.5 }, phase: whole }
  - { bytes: { on: [west>east], per-payload: 1.5 }, phase: twice }
  - { recovers-within: 10s, phase: lost }
  - stored: 2
  - { latency: { max: path + 15ms }, phase: whole }
`;

/** The outcome of every expectation, in order: they come last. */
function outcomes({ points }: RunResult): string[] {
  const first = points.findIndex(({ title }) => /^(every|each|one-way) /.test(title));
  return points.slice(first).map(({ title, outcome }) => `${outcome}: ${title}`);
}

t.setTimeout(2000 * (PATIENCE + 80));

/** Runs a topology here, with wires, and in the VM, with netem, and compares what is certain in both. */
async function compare(t: Test, file: string): Promise<{ wire: RunResult; netem: RunResult; emulated: boolean }> {
  const run = async (links: string, before: string[], after: string[] = []) => {
    const out = temporaryFolder(t);
    const args = [...before, 'run', file, '--links', links, '--reporter', 'json', '--out', out, ...after];
    const { stdout, stderr } = await start(args, { cwd: out }).ended;
    t.not(stdout, '', stderr);
    const result = JSON.parse(stdout) as RunResult;
    t.match(readFileSync(join(result.folder, 'result.json'), 'utf8'), /"schema": 1/, 'the run folder is here');
    return { result, emulated: /runs without KVM/.test(stderr) };
  };
  const { result: wire } = await run('wire', []);
  const { result: netem, emulated } = await run('netem', ['vm'], ['--timeout', String(PATIENCE), '--memory', '1024']);
  t.match(netem.versions.kernel, (await findParts()).kernel.version, 'under the installed kernel');
  t.match(readFileSync(join(netem.folder, 'plan.txt'), 'utf8'), /qdisc replace .* netem .*delay \d/, 'with real netem');
  for (const [index, here] of outcomes(wire).entries()) {
    const there = outcomes(netem)[index]!;
    // A machine that is emulated, or too busy, says so, and then nothing else.
    if (/^inconclusive/.test(here) || /^inconclusive/.test(there)) t.comment(`${here} | ${there}`);
    else t.equal(there, here);
  }
  return { wire, netem, emulated };
}

t.test('verdicts of netem and of wires', { skip: lacking, timeout: 2000 * (PATIENCE + 60) }, async (t) => {
  const { wire, emulated } = await compare(t, topologyFile(t, topology));
  t.same(
    outcomes(wire)
      .map((line) => line.split(':')[0])
      .slice(0, -1),
    ['pass', 'fail', 'pass', 'pass', 'pass', 'fail', 'pass', 'pass', 'fail', 'fail', 'pass'],
    outcomes(wire).join('\n'),
  );
  t.equal(outcomes(wire).length, 12);
  // Emulated processors take minutes for it, and then say of every put that it came too late.
  if (!emulated) await compare(t, join(root, 'topologies/long-haul.yaml'));
});
