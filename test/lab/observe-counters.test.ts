/** The same topology, looked at datagram by datagram and by the counters of the kernel: the verdicts agree. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { castlab, pointAbout, runTopologies } from './castlab.ts';

/** @param stress bytes on a trunk for each byte of payload */
const puts = (observe: string, { relay = true, stress = 1.5 } = {}) => `name: ${observe}
observe: ${observe}
defaults: { edge: { rate: 400mbit }, trunk: { rate: 200mbit } }
zones:
  hub:  { hosts: { i1: initiator } }
  east: { hosts: { t1: target, t2: target } }
  west: { hosts: { t3: target } }
routers: [core]
trunks: [{ between: [hub, core] }, { between: [core, east] }, { between: [core, west] }]
overlay: { relay: ${relay}, chunk-size: 256KiB, vias: [{ from: hub, to: west, via: east }] }
scenario:
  - put: { from: i1, size: 1MiB, seed: 7, count: 4 }
expect:
  - stored: 3
  - bytes: { on: trunks, per-payload: ${stress} }
  - bytes: { on: trunks, per-payload: 0.5 }
    should: fail
  - goodput: { at-least: 2mbit, from: i1 }
  - queue-drops: { on: all, at-most: 0 }
  - counters: { name: dropped.loop, at-most: 0 }
`;

/** Bytes for each of payload that a verdict found: `1.043 on hub>core: …`. */
const found = (summary: string | undefined) => Number(/([\d.]+) on \S+:/.exec(summary ?? '')?.[1]);

t.test('what holds, and what does not', async (t) => {
  const { results, ended } = await runTopologies(t, puts('ledger'), puts('counters'));
  const [ledger, counters] = results.map(({ points }) => points.filter(({ title }) => !title.includes('fabric')));
  const verdicts = (points: typeof ledger) =>
    points!.filter(({ title }) => /stored as|bytes for each|at .*bit|drops|dropped/.test(title));
  const outcomes = (points: typeof ledger) => verdicts(points).map(({ title, outcome }) => `${outcome} ${title}`);
  t.equal(outcomes(ledger).length, 6);
  t.same(outcomes(counters), outcomes(ledger), JSON.stringify(counters));
  t.equal(ended.code, 0, ended.stderr);
  const [one, other] = [ledger, counters].map((points) => found(verdicts(points)[1]!.summary));
  // Repeats, which differ from run to run on a busy machine, are in both.
  t.ok(
    Math.abs(other! - one!) < 0.3 && one! > 1.03 && other! > 1.03,
    `${other} beside ${one} bytes for each of payload`,
  );

  const folder = results[1]!.folder;
  t.notOk(existsSync(join(folder, 'lab.pcapng')), 'nothing was captured');
  t.equal(results[1]!.figures.traversals, 0);
  const { linkBytes } = JSON.parse(readFileSync(join(folder, 'observations.json'), 'utf8'));
  t.ok(linkBytes['hub>core'] > 4 << 20 && linkBytes['hub>core'] < 5 << 20, 'four objects and what they take');
  const again = await castlab('report', folder);
  t.equal(again.code, 0, again.stderr);
  const page = readFileSync(join(folder, 'report.html'), 'utf8');
  t.match(page, /Nobody looked at single datagrams/);
  const said = JSON.parse(/<script type="application\/json"[^>]*>(.*?)<\/script>/s.exec(page)![1]!);
  const trunk = said.directions.find(({ name }: { name: string }) => name === 'hub>core');
  t.equal(trunk.bytes, linkBytes['hub>core'], 'the picture and the list have them');
  t.equal(said.payload, 4 << 20);
});

t.test('without relays the same trunk carries every copy, to both', async (t) => {
  const topologies = ['ledger', 'counters'].map((observe) => puts(observe, { relay: false, stress: 2 }));
  const { results, ended } = await runTopologies(t, ...topologies);
  const stresses = results.map((result) => {
    const point = pointAbout(result, 'at most 2 bytes');
    t.equal(point?.outcome, 'fail', JSON.stringify(point));
    return found(point?.summary);
  });
  t.ok(
    stresses.every((stress) => stress > 3 && stress < 3.5),
    `three copies: ${stresses}`,
  );
  t.equal(ended.code, 1);
});
