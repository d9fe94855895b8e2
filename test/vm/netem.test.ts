/** The same topology on links of the kernel's netem, in a VM that has it, and on wires here: the same verdicts. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { RunResult } from '../../lab/report/index.ts';
import { UnsupportedError } from '../../lab/sandbox/unsupported.ts';
import { findParts } from '../../lab/vm/index.ts';
import { castlab, temporaryFolder } from '../lab/castlab.ts';

/** Why this machine has no VM; `false` when it has one. */
const lacking = await findParts().then(
  () => false as const,
  (error: Error) => {
    if (error instanceof UnsupportedError) return error.message;
    throw error;
  },
);

/** What chance decides is certain here: links lose, or double, everything or nothing. */
const topology = `name: same-verdicts
zones:
  west: { hosts: { i1: initiator, t1: target } }
  east: { hosts: { t2: target } }
trunks: [{ between: [west, east], delay: 40ms, rate: 20mbit }]
scenario:
  - { phase: whole, send: { from: i1, to: [t1, t2], count: 10 } }
  - { after: 500ms, impair: { link: west>east, loss: 100% } }
  - { phase: lost, send: { from: i1, to: [t1, t2], count: 10 } }
  - { after: 500ms, impair: { link: west>east, loss: 0%, duplicate: 100% } }
  - { phase: doubled, send: { from: i1, to: [t1, t2], count: 10 } }
  - { after: 500ms, impair: { link: west>east, duplicate: 0%, delay: 80ms } }
  - { phase: far, send: { from: i1, to: [t1, t2], count: 10 } }
expect:
  - { delivered: all, phase: whole }
  - { delivered: all, phase: lost }
  - { delivered: all, phase: doubled }
  - { delivered: all, phase: far }
  - { traversals: { on: trunks, per-datagram: 1 }, phase: whole }
  - { traversals: { on: trunks, per-datagram: 1 }, phase: doubled }
  - { traversals: { on: trunks, per-datagram: 1 }, phase: far }
  - { bytes: { on: trunks, per-payload: 1.5 }, phase: whole }
  - { bytes: { on: trunks, per-payload: 1.5 }, phase: doubled }
  - { recovers-within: 10s, phase: lost }
  - { latency: { p50: path + 2s }, phase: far }
`;

const isLatency = ({ title }: { title: string }) => title.includes('one-way');

t.test('netem in a VM and wires here', { skip: lacking }, async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'topology.yaml');
  writeFileSync(file, topology);
  const verdicts = async (links: string, ...verb: string[]) => {
    const args = [file, '--links', links, '--reporter', 'json', '--out', join(folder, links)];
    const { code, stdout, stderr } = await castlab(...verb, ...args);
    t.equal(code, 1, `some expectations fail on purpose: ${stderr}`);
    const { points } = JSON.parse(stdout) as RunResult;
    return points.slice(-11);
  };
  const wire = await verdicts('wire', 'run');
  const netem = await verdicts('netem', 'vm', 'run', '--memory', '1024', '--cpus', '2');
  const outcomes = (points: typeof wire) =>
    points.filter((one) => !isLatency(one)).map(({ title, outcome }) => ({ title, outcome }));
  t.same(outcomes(netem), outcomes(wire));
  t.same(
    outcomes(wire).map(({ outcome }) => outcome),
    ['pass', 'fail', 'fail', 'pass', 'pass', 'fail', 'pass', 'pass', 'fail', 'fail'],
    JSON.stringify(wire),
  );
  const far = netem.find(isLatency)!;
  if (far.outcome === 'inconclusive') t.match(far.summary, 'the processors of this machine are emulated');
  else t.equal(far.outcome, wire.find(isLatency)!.outcome);
});
