import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { completionScript } from '../../lab/cli/completion-script.ts';
import { describeAge } from '../../lab/cli/living.ts';
import { describeLine } from '../../lab/cli/logs.ts';
import { describeProperties } from '../../lab/cli/status.ts';
import { LabClient, LabError } from '../../lab/live/client.ts';
import { enterScript } from '../../lab/live/enter-script.ts';
import { evidenceSince, START } from '../../lab/live/evidence-since.ts';
import { parseCounters } from '../../lab/live/interface-counters.ts';
import { type Life, lifeOf, lives } from '../../lab/live/life.ts';
import { claim, forget, knownLabs, type LabRecord, labNamed, stateRoot } from '../../lab/live/state.ts';
import { compile } from '../../lab/plan/index.ts';
import { loadTopology, readFurtherExpectations, readFurtherSteps } from '../../lab/topology/index.ts';
import { ControlServer } from '../../src/daemon/control.ts';
import { InputError } from '../../src/document/index.ts';

function folderOf(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'castlab-live-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  return folder;
}

const own = lifeOf(process.pid);
/** The same number, another process. */
const past: Life = { ...own, start: '1' };

const record = (name: string, life: Life = own): LabRecord => ({
  ...{ schema: 1, name, topology: name, file: '/x.yaml', seed: 1, startedAt: '2026-01-01T00:00:00.000Z', life },
  ...{ nodes: ['t1'], links: [] },
});

t.test('a process is alive only if it is the same one', async (t) => {
  t.ok(lives(own));
  t.notOk(lives(past), 'its number was given to another one');
  t.notOk(lives({ ...own, boot: 'another' }), 'the machine was started again');
  t.throws(() => lifeOf(2 ** 30));
});

t.test('names of labs: the first takes it, the next gets a number, one that is gone leaves it', async (t) => {
  const root = folderOf(t);
  t.equal(claim(root, record('a'), false)?.record.name, 'a');
  t.equal(claim(root, record('a'), false)?.record.name, 'a-2');
  t.equal(claim(root, record('a'), true), undefined);
  t.equal(claim(root, record('b', past), true)?.record.name, 'b');
  t.same(
    knownLabs(root).map(({ record, state }) => [record.name, state]),
    [
      ['a', 'starting'],
      ['a-2', 'starting'],
      ['b', 'gone'],
    ],
  );
  writeFileSync(join(root, 'a/control'), '');
  t.equal(labNamed('a', root).state, 'up');
  t.throws(() => labNamed('aa', root), /unknown lab "aa" \(did you mean "a"\?\)/);
  t.throws(() => labNamed('b', root), /lab b is gone/);
  t.throws(() => labNamed('a-2', root), /lab a-2 is not up yet/);
  t.equal(claim(root, record('b'), true)?.record.name, 'b', 'what is gone makes room');
  forget({ folder: join(root, 'b'), record: record('b', { ...past, pid: 1 }) });
  t.ok(readdirSync(root).includes('b'), 'another lab under that name is not forgotten');
  forget(labNamed('a', root));
  forget({ folder: join(root, 'a'), record: record('a') });
  t.same(readdirSync(root).sort(), ['a-2', 'b']);
});

t.test('the folder for labs belongs to its user alone', async (t) => {
  const runtime = folderOf(t);
  t.equal(stateRoot({ XDG_RUNTIME_DIR: runtime }), join(runtime, 'castlab'));
  t.equal(stateRoot({ TMPDIR: runtime }), join(runtime, `castlab-${process.geteuid!()}`));
  const open = folderOf(t);
  mkdirSync(join(open, 'castlab'), { mode: 0o755 });
  t.throws(() => stateRoot({ XDG_RUNTIME_DIR: open }), /must belong to user \d+ alone/);
  t.throws(
    () => stateRoot({ XDG_RUNTIME_DIR: '/dev/null' }),
    /cannot make \/dev\/null\/castlab \(ENOTDIR\): set XDG_RUNTIME_DIR/,
  );
  const elsewhere = folderOf(t);
  symlinkSync(runtime, join(elsewhere, 'link'));
  t.equal(stateRoot({ XDG_RUNTIME_DIR: join(elsewhere, 'link') }), join(runtime, 'castlab'));
});

t.test('a lab that cannot do what it is asked says so, and one that ends meanwhile has ended', async (t) => {
  const folder = folderOf(t);
  const server = await ControlServer.open(join(folder, 'control'), {
    status: () => {
      throw new Error('not now');
    },
    counters: () => new Promise(() => {}),
    step: () => ({ problems: ['unknown host'] }),
  });
  const alive = await LabClient.connect({ folder, record: record('x'), state: 'up' });
  await t.rejects(alive.status(), new LabError('lab x: not now'));
  await t.rejects(alive.step({ kill: 't9' }), new InputError('unknown host'));
  alive.close();
  const dying = await LabClient.connect({ folder, record: record('x', past), state: 'up' });
  const refused = t.rejects(dying.counters(), new LabError('lab x has ended'));
  await server.close();
  await refused;
});

t.test('the way in is refused when the lab is not what it was', async (t) => {
  const enter = (life: Life, ...args: string[]) => {
    const script = enterScript({ name: 'x', life }, true);
    return spawnSync('sh', ['-c', `${script}\ncastlab_enter "$@"; echo returned`, 'sh', ...args]).stdout.toString();
  };
  t.equal(enter(past, 'exec', 'x', 't1', '--', 'true'), 'returned\n', 'another process has its number');
  t.equal(enter(own, 'exec', 'x', 't1', '--', 'true'), 'returned\n', 'there is no such node');
  for (const args of [
    ['exec', 'x'],
    ['exec', 'x', 't1'],
    ['exec', 'x', 't1', '--help'],
    ['shell', 'x', '..'],
  ]) {
    t.equal(enter(own, ...args), 'returned\n', args.join(' '));
  }
});

const topology = loadTopology(
  `name: live
zones: { west: { hosts: { i1: initiator } }, east: { hosts: { t1: target, t2: target } } }
trunks: [{ between: [west, east], rate: 100mbit }]
`,
  'live.yaml',
);
const situation = { down: [], cut: [], paused: [], phases: [], properties: new Map() };

t.test('further steps are checked against what the lab has come to', async (t) => {
  const steps = (text: string, now: Partial<typeof situation> = {}) =>
    readFurtherSteps(topology, text, 'step', { ...situation, ...now } as typeof situation);
  t.match(steps('{ scenario: [{ kill: t1 }] }'), [{ kind: 'kill', node: 't1' }]);
  t.throws(() => steps('{ scenario: [{ kill: t3 }] }'), /unknown host "t3" \(did you mean "t1"\?\)/);
  t.throws(() => steps('{ scenario: [{ up: west--east }] }'), /is not down/);
  t.match(steps('{ scenario: [{ up: west--east }] }', { down: ['west--east'] as never[] }), [{ kind: 'up' }]);
  t.throws(
    () => steps('{ scenario: [{ impair: { link: west>east, jitter: 5ms } }] }'),
    /jitter is larger than the delay/,
  );
  const properties = new Map([['west>east', { delay: 10 }]]);
  const impaired = steps('{ scenario: [{ impair: { link: west>east, jitter: 5ms } }] }', { properties });
  t.match(impaired, [{ directions: ['west>east'], change: { jitter: 5 } }]);
  t.match(readFurtherExpectations(topology, '{ expect: [{ delivered: all }] }', 'expect', situation), [
    { kind: 'delivered', should: 'pass' },
  ]);
  t.throws(
    () => readFurtherExpectations(topology, '{ expect: [{ delivered: all, phase: later }] }', 'expect', situation),
    /unknown phase "later"/,
  );
});

t.test('only what began after the mark is evidence', async (t) => {
  const sent = (t: number, id: string) => ({ t, node: 'i1', event: 'sent', id, to: ['t1'], bytes: 1, attempt: 1 });
  const seen = {
    plan: compile(topology),
    events: [sent(1, 'a'), sent(9, 'b'), { t: 10, node: 't1', event: 'delivered', id: 'a' }],
    captured: { sightings: [], dropped: 2 },
    framesMissed: 3,
    puts: [1, 9].map((startedAt) => ({
      ...{ step: 0, from: 'i1', bytes: 1, startedAt, took: 1, wanted: 1, chunks: [] },
    })),
    ...{ killed: new Map(), phases: [], counters: {}, changes: [] },
    queueDrops: { 'a>b': 5 },
  };
  const all = evidenceSince(START, seen);
  t.same([[...all.datagrams.keys()], all.puts.length, all.queueDrops], [['a', 'b'], 2, { 'a>b': 5 }]);
  const late = evidenceSince({ at: 5, queueDrops: { 'a>b': 4 } }, seen);
  t.same([[...late.datagrams.keys()], late.puts.length, late.queueDrops], [['b'], 1, { 'a>b': 1 }]);
  t.same(late.strays, [], 'what was sent before and came after is no stray');
  t.match(late, { captureDrops: 2, framesMissed: 3 });
});

t.test('what people read', async (t) => {
  t.same([0, 65_000, 3_720_000].map(describeAge), ['0 s', '1 min 5 s', '1 h 2 min']);
  t.equal(
    describeProperties({ properties: { rate: 1e9, delay: 5, jitter: 1, loss: 0.01, queue: 65536 } }),
    '1gbit, delay 5ms, jitter 1ms, loss 1%, queue 64KiB',
  );
  t.equal(describeProperties({ properties: {} }), '');
  const line = { level: 30, time: 1000, pid: 1, hostname: 'h', name: 'n', msg: 'ready', port: 8296, map: { a: 1 } };
  t.equal(describeLine(JSON.stringify(line)), '00:00:01.000 info ready port=8296 map={"a":1}');
  t.equal(describeLine('{ not JSON'), '{ not JSON');
  const table =
    'Inter-| Receive | Transmit\n face |bytes\n    lo: 1 2 0 0 0 0 0 0 3 4 0 0 0 0 0 0\n  eth0: 1 2 0 0 0 0 0 0 300 4 0 5 0 0 0 0\n';
  t.same(parseCounters(table, 'eth0'), { bytes: 300, packets: 4, dropped: 5 });
  t.same(parseCounters(table, 'eth1'), { bytes: 0, packets: 0, dropped: 0 });
});

t.test('completion scripts are ones that their shells take', async (t) => {
  const verbs = [
    { name: 'exec', description: "runs a lab's command", words: ['lab', 'node', 'command'], options: ['--x'] },
  ];
  for (const shell of ['bash', 'zsh', 'fish'] as const) {
    const script = completionScript(shell, verbs);
    t.match(script, 'exec');
    const { status, error, stderr } = spawnSync(shell, ['-n'], { input: script });
    if (!error) t.equal(status, 0, `${shell}: ${stderr}`);
  }
});
