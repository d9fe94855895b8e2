/** Every kind of expectation can fail, and shows the datagram that is to blame: one that a rule of the trunk has treated so. */
import t from 'tap';
import type { RunResult } from '../../lab/report/index.ts';
import { pointAbout, runWith, runWitnessed } from './castlab.ts';

const network = (name: string, rule: string) => `name: ${name}
defaults: { edge: { rate: 100mbit }, trunk: { rate: 100mbit } }
zones:
  west: { hosts: { i1: initiator, t1: target } }
  east: { hosts: { t2: target, t3: target } }
trunks:
  - { between: [west, east], rules: [${rule}] }
`;

const neverRepaired = `${network('never-repaired', '{ drop: { toward: east, kind: Data, index: 7 } }')}
scenario:
  - put: { from: i1, size: 64KiB, seed: 3, replicas: 3 }
expect:
  - delivered: all
  - delivered: after-repair
  - stored: 3
  - goodput: { at-least: 1mbit }
`;

const lateAndCut = `${network('late-and-cut', '{ delay: { toward: east, kind: Data, index: 7, nth: 1, by: 700ms } }')}
scenario:
  - put: { from: i1, size: 64KiB, seed: 3, replicas: 3 }
  - { after: 1500ms, phase: broken, down: west--east }
  - send: { from: i1, to: [t1, t2], count: 1 }
  - { after: 300ms, send: { from: i1, to: [t1, t2], count: 3 } }
  - up: west--east
  - { after: 1500ms, send: { from: i1, to: [t1, t2], count: 3 } }
expect:
  - latency: { max: path + 500ms }
  - stored: 4
  - goodput: { at-least: 1gbit }
  - bytes: { on: trunks, per-payload: 0.1 }
  - counters: { name: delivered, node: t2, at-least: 1000000 }
  - { recovers-within: 200ms, phase: broken }
  - { traversals: { on: trunks, exactly: 0 }, phase: broken }
`;

const overflowing = `name: overflowing
defaults: { edge: { rate: 100mbit } }
zones:
  west: { hosts: { i1: initiator } }
  east: { hosts: { t1: target } }
trunks: [{ between: [west, east], rate: 1mbit, queue: 16KiB }]
scenario:
  - send: { from: i1, to: [t1], count: 100 }
expect:
  - queue-drops: { on: all }
`;

const isSeventh = (result: RunResult, words: string) =>
  pointAbout(result, words)?.exhibit?.replicast?.index === 7 &&
  pointAbout(result, words)?.exhibit?.replicast?.kind === 'Data';

/** A time or rate that was too much: a failure, unless this machine was too busy to tell. */
function isTooMuch(result: RunResult, words: string): boolean {
  const { outcome, summary = '' } = pointAbout(result, words) ?? {};
  return outcome === 'fail' || (outcome === 'inconclusive' && /this machine|of the time/.test(summary));
}

t.test('delivered, stored and goodput, when one part of a chunk never gets through', async (t) => {
  const { results, ended } = await runWitnessed(t, neverRepaired);
  const result = results[0]!;
  t.equal(ended.code, 1);
  for (const words of ['delivered exactly once', 'after repair', 'stored as 3', 'puts at 1mbit']) {
    t.equal(pointAbout(result, words)?.outcome, 'fail', words);
    t.ok(isSeventh(result, words), `${words}: shows the part that never came`);
    t.match(
      pointAbout(result, words)?.details?.join('\n'),
      /^west>east {2}left .*, arrived never/m,
      'and where it was lost',
    );
    t.match(pointAbout(result, words)?.details?.at(-1), /^to see it again: castlab replay /);
  }
  t.match(pointAbout(result, 'after repair')?.summary, /^1 of \d+ parts, .*never arrived/);
  t.match(pointAbout(result, 'puts at 1mbit')?.summary, /^nothing was stored: /);
});

t.test('latency, bytes, counters, traversals and recovery, when one datagram is late and a trunk is cut', async (t) => {
  const { results } = await runWitnessed(t, lateAndCut);
  const result = results[0]!;
  for (const words of ['one-way max', 'puts at 1gbit', 'delivers everything again']) {
    t.ok(isTooMuch(result, words), `${words}: ${pointAbout(result, words)?.summary}`);
  }
  if (pointAbout(result, 'one-way max')?.outcome === 'fail') {
    t.ok(isSeventh(result, 'one-way max'), 'the late one is shown');
    t.match(pointAbout(result, 'one-way max')?.exhibit?.finding, /^took [67]\d\d\./);
  }
  for (const words of ['stored as 4', 'carries at most', 'delivered of t2 counts', 'never crosses']) {
    t.equal(pointAbout(result, words)?.outcome, 'fail', words);
    t.ok(pointAbout(result, words)?.exhibit, `${words}: shows a datagram`);
  }
  t.match(pointAbout(result, 'delivers everything again')?.details?.join('\n') ?? '', /to see it again/);
});

t.test('queue-drops, on token buckets and on wires', async (t) => {
  for (const links of ['auto', 'wire']) {
    const { results } = await runWith(t, ['--links', links], overflowing);
    const point = results[0]!.points.at(-1);
    t.equal(point?.outcome, 'fail', links);
    t.match(point?.summary, /west>east/, `${links}: names the link`);
  }
});
