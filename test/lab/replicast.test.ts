import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { NodeEvent } from '../../lab/observe/evidence.ts';
import type { RunResult } from '../../lab/report/index.ts';
import { runTopologies } from './castlab.ts';

const events = ({ folder }: RunResult): NodeEvent[] =>
  readFileSync(join(folder, 'events.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as NodeEvent);

const sound = (result: RunResult) =>
  result.points.filter(({ outcome }) => outcome === 'fail').map(({ title }) => title);

t.test('multicast and hybrid transfers', async (t) => {
  const { results } = await runTopologies(
    t,
    'topologies/replicast/native-9.yaml',
    'topologies/replicast/hybrid-9.yaml',
  );
  const [native, hybrid] = results as [RunResult, RunResult];
  for (const result of results) t.same(sound(result), [], result.topology);

  const transfers = (result: RunResult) =>
    events(result)
      .filter(({ event, reserved }) => event === 'transfer' && reserved === true)
      .map(({ to }) => (to as string[]).length);
  t.ok(transfers(native).length >= 8 && transfers(native).every((count) => count === 3), 'one transfer for three');
  t.ok(transfers(hybrid).length >= 3 * 4 * 4, 'one transfer for each replica of each chunk');
  t.ok(transfers(hybrid).every((count) => count === 1));
});
