import t from 'tap';
import { Parser } from 'tap-parser';
import { exitCodeOf, outcomeOf, type Point, type RunResult, reporters } from '../../lab/report/index.ts';

const point = (outcome: Point['outcome'], title = `a ${outcome} point`): Point => ({
  title,
  outcome,
  summary: 'one # line',
  ...(outcome === 'fail' && { details: ['hop one: a>b', 'hop two'] }),
});

const result = (outcome: RunResult['outcome'], points: Point[], topology = 'ring'): RunResult => ({
  schema: 1,
  topology,
  file: 'ring.yaml',
  outcome,
  folder: 'runs/ring/1',
  seed: 1,
  links: 'auto',
  startedAt: '2026-01-01T00:00:00.000Z',
  took: { build: 1, nodes: 1, scenario: 1, judge: 1, teardown: 1, total: 1234 },
  points,
  figures: {
    namespaces: 1,
    links: 1,
    nodes: 1,
    puts: 1,
    datagrams: 1,
    traversals: 1,
    trunkStress: 1,
    captureDrops: 0,
    framesMissed: 0,
  },
  versions: {},
});

function report(name: string, results: RunResult[]): string {
  const reporter = reporters[name]!();
  return reporter.start(results.length) + results.map((r) => reporter.result(r)).join('') + reporter.end(results);
}

t.test('TAP reads back as what it said', async (t) => {
  const text = report('tap', [
    result('pass', [point('pass', 'with a # in it')]),
    result('fail', [point('pass'), point('fail')], 'star'),
  ]);
  const parsed = Parser.parse(text);
  const asserts = parsed.filter((event) => event[0] === 'assert').map((event) => event[1]);
  t.match(asserts, [
    { ok: true, name: /^ring / },
    { ok: false, name: /^star / },
  ]);
  const nested = JSON.stringify(parsed);
  t.match(nested, 'with a # in it', 'a # in a title is no directive');
  t.match(nested, 'hop one: a>b', 'details are in the diagnostics');
  t.notOk(
    parsed.some((event) => event[0] === 'extra'),
    'nothing that is not TAP',
  );
  const complete = parsed.find((event) => event[0] === 'complete')?.[1] as {
    count: number;
    pass: number;
    fail: number;
  };
  t.match(complete, { count: 2, pass: 1, fail: 1 });
});

t.test('an inconclusive run is neither a TAP failure nor a plain pass', async (t) => {
  const text = report('tap', [result('inconclusive', [point('inconclusive')])]);
  t.match(text, /not ok 1 - .* # TODO inconclusive/);
  t.match(Parser.parse(text).find((event) => event[0] === 'complete')?.[1], { ok: true, todo: 1 });
});

t.test('a run that this machine cannot do is skipped, with the reason', async (t) => {
  const text = report('tap', [result('unsupported', [point('fail')])]);
  t.match(text, /^ok 1 - ring # SKIP one \\# line$/m);
  t.match(Parser.parse(text).find((event) => event[0] === 'complete')?.[1], { ok: true, skip: 1 });
});

t.test('JUnit', async (t) => {
  const text = report('junit', [result('fail', [point('pass', 'a < b & "c"'), point('fail'), point('inconclusive')])]);
  t.match(text, '<testsuite name="ring" tests="3" failures="1" skipped="1" time="1.234"');
  t.match(text, 'a &lt; b &amp; &quot;c&quot;');
  t.match(text, '<failure message="one # line">hop one: a&gt;b\nhop two</failure>');
});

t.test('spec and json', async (t) => {
  const results = [result('pass', [point('pass')]), result('fail', [point('fail')], 'star')];
  const table = report('spec', results).trimEnd().split('\n').slice(-3);
  t.match(table[1], /^star +fail/, 'failures first');
  t.same(
    report('json', results)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).topology),
    ['ring', 'star'],
  );
});

t.test('outcomes add up', async (t) => {
  t.equal(outcomeOf([point('pass'), point('inconclusive')]), 'inconclusive');
  t.equal(outcomeOf([point('fail'), point('inconclusive')]), 'fail');
  t.equal(outcomeOf([point('pass')]), 'pass');
  t.equal(exitCodeOf([{ outcome: 'pass' }, { outcome: 'unsupported' }]), 77);
  t.equal(exitCodeOf([{ outcome: 'inconclusive' }, { outcome: 'unsupported' }]), 3);
  t.equal(exitCodeOf([{ outcome: 'fail' }, { outcome: 'inconclusive' }]), 1);
  t.equal(exitCodeOf([{ outcome: 'pass' }]), 0);
});
