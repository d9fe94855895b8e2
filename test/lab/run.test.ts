/** castlab run as a user meets it: the shipped topologies, two runs at once, another user, bad input, exit codes. */
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import { Parser } from 'tap-parser';
import { until } from '../support/overlay-loopback.ts';
import {
  asNobody,
  castlab,
  readLedger,
  root,
  runTopologies,
  runWith,
  start,
  temporaryFolder,
  topologyFile,
} from './castlab.ts';

t.test('the trunks of the line topology carry what the figure says', async (t) => {
  const { results } = await runTopologies(t, join(root, 'topologies/line.yaml'));
  const toAll = new Map<string, Map<string, number>>();
  const events = readFileSync(join(results[0]!.folder, 'events.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((l) => JSON.parse(l));
  const ids = new Set(
    events.filter((e) => e.event === 'sent' && Array.isArray(e.to) && e.to.length === 5).map((e) => e.id),
  );
  t.ok(ids.size > 0, 'there are datagrams to A, B, C, D and E');
  for (const { id, link } of readLedger(results[0]!)) {
    if (!ids.has(id)) continue;
    const counts = toAll.get(id) ?? new Map<string, number>();
    toAll.set(id, counts.set(link, (counts.get(link) ?? 0) + 1));
  }
  const load = (link: string) => new Set([...toAll.values()].map((counts) => counts.get(link) ?? 0));
  t.same(load('m1>m3'), new Set([1]));
  t.same(load('m1>m4'), new Set([1]));
  t.same(load('m4>m5'), new Set([1]));
  t.same(load('m1>m2'), new Set([0]));
  t.same(load('m4>m1'), new Set([0]));
});

t.test('two runs of one file at the same time do not know of each other', async (t) => {
  const out = temporaryFolder(t);
  const file = topologyFile(t);
  // Also with the default folder, which is relative to where the command runs.
  const once = () => start(['run', file], { cwd: out }).ended;
  const both = await Promise.all([once(), once()]);
  for (const { code, stdout, stderr } of both) {
    t.equal(code, 0, stdout + stderr);
    t.match(Parser.parse(stdout).find((event) => event[0] === 'complete')?.[1], { ok: true, count: 1 });
  }
  t.equal(readdirSync(join(out, 'runs/small')).length, 2, 'two folders');
});

t.test(
  'an unprivileged user can run it',
  { skip: process.getuid!() !== 0 && 'needs root to become somebody else' },
  async (t) => {
    const folder = temporaryFolder(t);
    chownSync(folder, 65534, 65534);
    const out = join(folder, 'runs');
    const file = topologyFile(t);
    chmodSync(dirname(file), 0o755);
    const { code, stdout, stderr } = await start(['run', file, '--out', out], {
      as: asNobody,
    }).ended;
    t.equal(code, 0, stderr);
    t.match(stdout, /^ok 1 - small/m);
  },
);

t.test('bad input starts nothing and says where', async (t) => {
  const folder = temporaryFolder(t);
  const good = 'zones:\n  east: { hosts: { i1: initiator, t1: target } }\n';
  const cases: [string, string, RegExp][] = [
    ['unknown zone in a trunk', `${good}trunks:\n  - { between: [east, wst] }\n`, /:5:23: .*wst/],
    [
      'a duplicate name',
      'zones:\n  east: { hosts: { t1: target } }\n  west: { hosts: { t1: target } }\ntrunks: [{ between: [east, west] }]\n',
      /:4:20: .*t1/,
    ],
    [
      'overlapping subnets',
      'zones:\n  a: { subnet: 10.1.0.0/16, hosts: {} }\n  b: { subnet: 10.1.2.0/24, hosts: {} }\ntrunks: [{ between: [a, b] }]\n',
      /:4:16: .*overlap/,
    ],
    ['a member that is no target', `${good}overlay: { groups: { ng1: [t1, i1] } }\n`, /:4:32: .*i1/],
    [
      'a via cycle',
      'zones:\n  a: { hosts: { t1: target } }\n  b: { hosts: { t2: target } }\n  c: { hosts: { t3: target } }\ntrunks: [{ between: [a, b] }, { between: [b, c] }, { between: [c, a] }]\noverlay:\n  vias:\n    - { from: a, to: b, via: c }\n    - { from: a, to: c, via: b }\n',
      /:10:\d+: .*cycle/,
    ],
    ['a rate of fast', `defaults: { edge: { rate: fast } }\n${good}`, /:2:27: .*fast/],
    ['no YAML', 'zones: [\n', /:\d+:\d+: /],
  ];
  for (const [what, text, message] of cases) {
    const file = join(folder, 'topology.yaml');
    writeFileSync(file, `name: bad\n${text}`);
    const { code, stdout, stderr } = await castlab('run', file, '--out', join(folder, 'runs'));
    t.equal(code, 2, what);
    t.match(stderr, message, what);
    t.ok(stderr.startsWith(file), `${what}: the file comes first, as editors want it`);
    t.equal(stdout, '', `${what}: nothing was started`);
  }
  t.notOk(existsSync(join(folder, 'runs')), 'not even a folder');

  const wrong = await castlab('run', 'topologies/strar.yaml');
  t.equal(wrong.code, 2);
  t.match(wrong.stderr, /strar\.yaml: no such file or folder/);
  t.equal((await castlab('rum', 'topologies/star.yaml')).code, 2);
  t.equal((await castlab('run', 'topologies/star.yaml', '--jobs', 'two')).code, 2);
});

t.test(
  'a link with delay is made of what is there; what was asked for and is not is refused by link and feature',
  async (t) => {
    const far =
      'name: far\nzones:\n  east: { hosts: { i1: initiator, t1: target } }\n  west: { hosts: { t2: target } }\ntrunks:\n  - { between: [east, west], delay: 5ms }\nscenario:\n  - send: { from: i1, to: [t1, t2], count: 1, size: 100 }\nexpect: { delivered: all }\n';
    const made = await runTopologies(t, far);
    t.equal(made.ended.code, 0, JSON.stringify(made.results[0]?.points));

    const { results, ended } = await runWith(t, ['--links', 'netem'], far);
    // On a kernel with sch_netem it simply runs.
    if (results[0]!.outcome === 'pass') return t.equal(ended.code, 0);
    t.equal(ended.code, 77);
    t.equal(results[0]!.outcome, 'unsupported');
    t.match(results[0]!.points[0]?.details?.join('\n'), /east--west.*delay/);
  },
);

t.test('an output folder that cannot be made is bad input', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'file'), '');
  const { code, stderr } = await castlab('run', 'topologies/star.yaml', '--out', join(folder, 'file'));
  t.equal(code, 2);
  t.match(stderr, /cannot make a run folder in .*file.*--out/);
});

t.test('the last 20 runs of a topology are kept', async (t) => {
  const out = temporaryFolder(t);
  for (let i = 10; i < 35; i++) mkdirSync(join(out, 'small', `2020-01-01T00-00-${i}.000`), { recursive: true });
  mkdirSync(join(out, 'small', 'my-notes'));
  await castlab('run', topologyFile(t), '--out', out);
  const left = readdirSync(join(out, 'small'));
  t.equal(left.filter((name) => name.startsWith('20')).length, 20);
  t.ok(left.includes('my-notes'), 'and nothing else is touched');
});

t.test('Ctrl-C ends a run at once and leaves nothing', async (t) => {
  const out = temporaryFolder(t);
  const { child, ended } = start(['run', 'topologies/star.yaml', '--out', out]);
  const folder = join(out, 'star');
  // Its nodes have been started by then.
  await until(() => existsSync(folder) && readdirSync(folder).some((name) => existsSync(join(folder, name, 'logs'))));
  child.kill('SIGINT');
  const { code, stdout } = await ended;
  t.equal(code, 130);
  t.notMatch(stdout, /^ok/m, 'no result is claimed');
});
