/** `observe: counters`: what a topology about speed may ask for, and what the kernel's counters come to. */
import t from 'tap';
import { bytesOf, since } from '../../lab/observe/kernel-counters.ts';
import { compile } from '../../lab/plan/index.ts';
import { expandTopology } from '../../lab/topology/expand.ts';
import { loadTopology } from '../../lab/topology/index.ts';
import { judge } from '../../lab/verdict/index.ts';
import type { InputError } from '../../src/document/index.ts';
import { evidence, expects, plan } from '../support/run-evidence.ts';

const counting = (rest: string) => `name: fast
observe: counters
zones:
  west: { hosts: { i1: initiator } }
  east: { hosts: { t1: target } }
${rest}`;
const TRUNK = 'trunks: [{ between: [west, east] }]\n';

function problemsOf(text: string): string[] {
  try {
    loadTopology(text, 'fast.yaml');
    return [];
  } catch (error) {
    return (error as InputError).problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
  }
}

t.test('what is about single datagrams is refused, with its place', async (t) => {
  t.same(problemsOf(counting(`${TRUNK}expect: { stored: 1, queue-drops: { on: all, at-most: 0 } }\n`)), []);
  t.same(problemsOf(counting(`${TRUNK}expect:\n  - delivered: all\n  - latency: { p50: path + 5ms }\n`)), [
    '8:5 delivered is about single datagrams: it needs observe: ledger',
    '9:5 latency is about single datagrams: it needs observe: ledger',
  ]);
  t.same(problemsOf(counting(`${TRUNK}expect: { traversals: { on: trunks, per-datagram: 1 } }\n`)), [
    '7:11 traversals is about single datagrams: it needs observe: ledger',
  ]);
  t.match(
    problemsOf(
      counting(
        `${TRUNK}scenario:\n  - { phase: one, put: { from: i1, size: 1KiB, replicas: 1 } }\nexpect:\n  - { bytes: { on: trunks, per-payload: 2 }, phase: one }\n`,
      ),
    ),
    [/^10:\d+ what the kernel counts is of the whole scenario: a phase needs observe: ledger$/],
  );
  t.match(problemsOf(counting(`${TRUNK}scenario:\n  - impair: { link: west--east, loss: 1% }\n`)), [
    /^8:\d+ impair is for single datagrams/,
  ]);
  t.same(problemsOf(counting('trunks: [{ between: [west, east], rate: 1gbit, delay: 5ms }]\n')), [
    '2:10 counters: links have a rate, a queue and an MTU only, and west>east has a delay',
    '2:10 counters: links have a rate, a queue and an MTU only, and east>west has a delay',
  ]);
  t.match(problemsOf(counting('trunks: [{ between: [west, east], rules: [{ drop: { nth: 3 } }] }]\n')), [
    /^2:10 counters: rules are for single frames/,
  ]);
});

t.test('every link has a queue that counts', async (t) => {
  const topology = loadTopology(counting('trunks: [{ between: [west, east], rate: 1gbit }]\n'), 'fast.yaml');
  const lines = compile(topology, { links: 'wire' }).batches.flatMap(({ tool, lines }) => (tool === 'tc' ? lines : []));
  t.equal(lines.filter((line) => / root tbf rate 1000000000bit /.test(line)).length, 2, 'the trunk, and no wires');
  t.equal(lines.filter((line) => / root pfifo limit 1000$/.test(line)).length, 4, 'the edges');
  t.equal(loadTopology(expandTopology(topology), 'again.yaml').observe, 'counters');
  const exact = loadTopology(counting(TRUNK).replace('counters', 'ledger'), 'exact.yaml');
  t.notMatch(JSON.stringify(compile(exact).batches), /pfifo/);
});

t.test('bytes of packets by what tc says', async (t) => {
  const queues = JSON.stringify([
    { dev: 'lo', kind: 'noqueue', root: true, bytes: 0, packets: 0 },
    { dev: 'eth0', kind: 'tbf', root: true, bytes: 15140, packets: 10 },
    { dev: 'eth0', kind: 'pfifo', parent: '1:1', bytes: 99999, packets: 1 },
  ]);
  t.same(bytesOf(queues), { lo: 0, eth0: 15_000 });
  t.same(since({ 'a>b': 5 }, { 'a>b': 7, 'b>a': 2 }), { 'a>b': 2, 'b>a': 2 });
});

t.test('link stress by these counters', async (t) => {
  const put = { step: 0, from: 'i1', bytes: 1000, startedAt: 0, took: 1, wanted: 1, chunks: [] };
  const run = (over: object) =>
    evidence({ plan, puts: [put], linkBytes: { 'west>east': 1200, 'east>west': 30 }, ...over });
  const bytes = (perPayload: number) => expects({ kind: 'bytes', on: 'trunks', perPayload });
  t.match(judge(bytes(1.2), run({})), { outcome: 'pass', summary: /^1\.200 on west>east: 1200 bytes for 1000 / });
  t.equal(judge(bytes(1.19), run({})).outcome, 'fail');
  t.match(judge(bytes(9), run({ puts: [{ ...put, error: 'lost' }] })), {
    outcome: 'fail',
    summary: 'no payload was sent',
  });
});
