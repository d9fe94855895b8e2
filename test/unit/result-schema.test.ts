import { readFileSync } from 'node:fs';
import t from 'tap';
import { type RunResult, resultSchema, runResult } from '../../lab/report/index.ts';

const sample: RunResult = {
  schema: 1,
  topology: 'ring',
  file: 'ring.yaml',
  outcome: 'fail',
  folder: 'runs/ring/1',
  seed: 1,
  links: 'auto',
  startedAt: '2026-01-01T00:00:00.000Z',
  took: { build: 1, nodes: 1, scenario: 1, judge: 1, teardown: 1, total: 1234.5 },
  points: [
    { title: 'up', outcome: 'pass', summary: 'yes' },
    {
      title: 'once',
      outcome: 'fail',
      summary: 'twice',
      details: ['a>b'],
      exhibit: {
        datagram: '4db961f69741e3da',
        from: 'i1',
        to: ['t1'],
        finding: 'crossed a>b twice',
        replicast: { kind: 'Data', attempt: 1, index: 7 },
      },
    },
  ],
  figures: {
    namespaces: 1,
    links: 1,
    nodes: 1,
    puts: 1,
    datagrams: 1,
    traversals: 1,
    trunkStress: 2,
    captureDrops: 0,
    framesMissed: 0,
    latency: { deliveries: 1, p50: 1, p99: 1, floor: { p50: 0.5, p99: 0.5 } },
  },
  versions: { node: 'v20' },
};

t.test('the published schema is the one that results have', async (t) => {
  const published = readFileSync(new URL('../../share/schema/result.schema.json', import.meta.url), 'utf8');
  t.same(JSON.parse(published), JSON.parse(JSON.stringify(resultSchema())), 'castlab schema result > share/schema/…');
});

t.test('a whole result fits it; one with a wrong field does not; one with a new field does', async (t) => {
  t.same(runResult.parse(sample), sample);
  t.throws(() => runResult.parse({ ...sample, outcome: 'maybe' }));
  t.throws(() => runResult.parse({ ...sample, seed: -1 }));
  t.throws(() => runResult.parse({ ...sample, figures: { ...sample.figures, puts: undefined } }));
  t.ok(runResult.safeParse({ ...sample, later: 1 }).success);
  t.notMatch(JSON.stringify(resultSchema()), 'additionalProperties":false');
});
