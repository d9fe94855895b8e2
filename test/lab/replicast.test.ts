import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { NodeEvent } from '../../lab/observe/evidence.ts';
import type { RunResult } from '../../lab/report/index.ts';
import { pointAbout, runTopologies } from './castlab.ts';

/** A link that is asked for twice what it carries, through a queue of a few frames. */
const narrow = `name: narrow
defaults: { edge: { rate: 100mbit } }
zones:
  hall: { hosts: { i1: { role: initiator, edge: { rate: 10mbit, queue: 16KiB } }, t1: target, t2: target } }
scenario:
  - send: { from: i1, to: [t1, t2], size: 1200, count: 300 }
expect:
  - queue-drops: { on: [hall>t1, hall>t2] }
  - { queue-drops: { on: all }, should: fail }
`;

const events = ({ folder }: RunResult): NodeEvent[] =>
  readFileSync(join(folder, 'events.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as NodeEvent);

const sound = (result: RunResult) =>
  result.points.filter(({ outcome }) => outcome === 'fail').map(({ title }) => title);

t.test('multicast and hybrid transfers, and queues that overflow', async (t) => {
  const { results } = await runTopologies(
    t,
    'topologies/replicast/native-9.yaml',
    'topologies/replicast/hybrid-9.yaml',
    narrow,
  );
  const [native, hybrid, overflow] = results as [RunResult, RunResult, RunResult];
  for (const result of results) t.same(sound(result), [], result.topology);

  const transfers = (result: RunResult) =>
    events(result)
      .filter(({ event, reserved }) => event === 'transfer' && reserved === true)
      .map(({ to }) => (to as string[]).length);
  t.ok(transfers(native).length >= 8 && transfers(native).every((count) => count === 3), 'one transfer for three');
  t.ok(transfers(hybrid).length >= 3 * 4 * 4, 'one transfer for each replica of each chunk');
  t.ok(transfers(hybrid).every((count) => count === 1));

  t.match(pointAbout(overflow, 'every link drops')?.summary, /i1>hall [1-9]/, 'the link that overflowed is named');
});
