import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { readEvidence } from '../../lab/observe/evidence-folder.ts';
import { draw } from '../../lab/report/drawing.ts';
import { difference, outcomeOf, type RunResult, summaryTable } from '../../lab/report/index.ts';
import { pageData } from '../../lab/report/page-model.ts';
import { keepInputs, withInputs } from '../../lab/run/inputs.ts';
import { pointOfDrops } from '../../lab/run/points.ts';
import { loadTopology } from '../../lab/topology/index.ts';
import { writeLargeRun } from '../support/large-run.ts';

const folder = mkdtempSync(join(tmpdir(), 'castlab-page-'));
t.teardown(() => rmSync(folder, { recursive: true }));

const small = (name: string) => writeLargeRun(join(folder, name), { zones: 2, hosts: 2, traversals: 40 });
const inside = (
  inner: { x: number; y: number; width: number; height: number },
  outer: { x: number; y: number; width: number; height: number },
) =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.width <= outer.x + outer.width &&
  inner.y + inner.height <= outer.y + outer.height;

t.test(
  'the drawing: every host in the box of its switch, no two boxes over each other, a line for every direction',
  async (t) => {
    const shapes = [
      'ring: { zones: 6, hosts: 3 }',
      'star: { zones: 9, hosts: 7 }',
      'tree: { depth: 3, fanout: 2, hosts: 1 }',
    ];
    for (const shape of shapes) {
      const topology = loadTopology(`name: drawn\nshape: { ${shape} }\n`, 'drawn.yaml');
      const { boxes, hosts, paths, width, height } = await draw(topology);
      const boxOf = new Map(boxes.map((box) => [box.node, box]));
      for (const host of hosts) {
        const home = boxOf.get(topology.hosts.find(({ name }) => name === host.node)!.switch)!;
        t.ok(inside(host, home), `${shape}: ${host.node} is in ${home.node}`);
      }
      const apart = (a: (typeof boxes)[0], b: (typeof boxes)[0]) =>
        a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
      const overlapping = boxes.filter((a, i) => boxes.some((b, j) => i < j && !apart(a, b)));
      t.same(overlapping, [], `${shape}: boxes are apart`);
      t.ok(
        boxes.every((box) => inside(box, { x: 0, y: 0, width, height })),
        `${shape}: all on the picture`,
      );
      t.equal(Object.keys(paths).length, 2 * (topology.hosts.length + topology.trunks.length));
      for (const { a, b } of topology.trunks) {
        const [x, y] = /^M(\S+) ([^C]+)C/.exec(paths[`${a}>${b}`]!)!.slice(1).map(Number) as [number, number];
        const start = boxOf.get(a)!;
        const near = { x: start.x - 12, y: start.y - 12, width: start.width + 24, height: start.height + 24 };
        t.ok(inside({ x, y, width: 0, height: 0 }, near), `${shape}: ${a}>${b} begins at ${a}`);
      }
    }
  },
);

t.test('the page has what the folder has', async (t) => {
  const result = await small('page');
  const recorded = await readEvidence(result.folder);
  const data = pageData(result, recorded, await draw(recorded.evidence.plan.topology));
  t.equal(data.hops.direction.length, result.figures.traversals);
  t.equal(data.datagrams.id.length, result.figures.datagrams);
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  t.equal(sum(data.datagrams.hops), data.hops.direction.length);
  t.equal(sum(data.datagrams.deliveries), data.deliveries.node.length);
  const [id] = data.datagrams.id;
  const [first] = recorded.evidence.ledger.of(id!);
  t.equal(data.directions[data.hops.direction[0]!]!.name, first!.link);
  t.equal(data.hops.took[0], Math.round((first!.arrivedAt! - first!.sentAt!) * 10_000));
  t.ok(
    data.deliveries.floor.every((floor) => floor > 0),
    'every path is known',
  );
  t.equal(data.payload, data.datagrams.id.length * (1400 - 20), 'every part once');
  t.same(data.counters.find(({ counter }) => counter === 'dropped.loop')?.value, 1);
});

t.test('two runs compared', async (t) => {
  const [a, b] = [await small('before'), await small('after')];
  const compared = async (result: RunResult) => ({ result, recorded: await readEvidence(result.folder) });
  t.equal(difference(await compared(a), await compared(b)), 'no difference worth a line\n');
  const [before, after] = [await compared(a), await compared(b)];
  after.result.points = [{ title: 'made without a lab', outcome: 'fail', summary: 'it was not' }];
  after.result.seed = 2;
  const [datagram] = after.recorded.evidence.datagrams.values();
  for (const delivery of datagram!.deliveries) delivery.at += 1000;
  const text = difference(before, after);
  t.match(text, /made without a lab +pass +fail +it was not/);
  t.match(text, /seed +1 +2/);
  t.match(text, /to group ng1 +p99 +[\d.]+ +10\d\d\./);
});

t.test('the summary says first what failed, and how to see it again', async (t) => {
  const good = await small('good');
  const bad: RunResult = {
    ...good,
    topology: 'bad',
    outcome: 'fail',
    folder: 'runs/bad/1',
    points: [{ title: 'once', outcome: 'fail', summary: 'twice' }],
    figures: { ...good.figures, latency: { deliveries: 9, p50: 1.5, p99: 9, floor: { p50: 1, p99: 2 } } },
  };
  const lines = summaryTable([good, bad]).split('\n');
  t.same(lines.slice(0, 4), ['bad fail', '  once: twice', '  castlab replay runs/bad/1', '']);
  t.match(lines[5], /^bad +fail +0 +\d+ +1\.50 \/ 1\.00 +9\.00 \/ 2\.00 +2×/);
  t.match(lines[6], /^large +pass .* - +- +2×/);
});

t.test('a capture with holes makes a run inconclusive and says how large they are', async (t) => {
  const point = pointOfDrops({ frames: 90, dropped: 10 });
  t.equal(outcomeOf([{ title: 'up', outcome: 'pass', summary: '' }, point]), 'inconclusive');
  t.match(point.summary, /missed 10 of 100 frames/);
});

t.test('the files that a topology names are kept, and used again in place of those', async (t) => {
  const home = join(folder, 'inputs-test');
  mkdirSync(home);
  const object = join(home, 'object.bin');
  writeFileSync(object, 'some bytes');
  const text = `name: named\nzones: { z: { hosts: { i1: initiator, t1: target } } }\nscenario:\n  - put: { from: i1, file: ${object}, bytes: 4B, replicas: 1 }\n  - run: { node: i1, command: [cat, ${object}, /etc/hostname] }\n  - put: { from: i1, file: $node, bytes: 1MiB, replicas: 1 }\n`;
  const topology = loadTopology(text, 'named.yaml');
  await keepInputs(topology, home);
  const listed = JSON.parse(readFileSync(join(home, 'inputs.json'), 'utf8'));
  t.match(listed, [
    { path: object, bytes: 10, copy: 'inputs/0-object.bin' },
    { path: '$node', bytes: 1 << 20 },
  ]);
  t.equal(listed.length, 2, 'what belongs to the machine is not kept');
  rmSync(object);
  const again = await withInputs(topology, home);
  t.same(again.warnings, []);
  const copy = join(home, 'inputs/0-object.bin');
  t.match(again.topology.scenario, [{ file: copy }, { command: ['cat', copy, '/etc/hostname'] }, { file: '$node' }]);
  t.equal(readFileSync(copy, 'utf8'), 'some bytes');
  listed[1].sha256 = '00';
  writeFileSync(join(home, 'inputs.json'), JSON.stringify(listed));
  t.match((await withInputs(topology, home)).warnings, [/\$node is not the file that it was/]);
});
