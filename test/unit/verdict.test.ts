import t from 'tap';
import type { Datagram, Evidence } from '../../lab/observe/evidence.ts';
import { Ledger } from '../../lab/observe/ledger.ts';
import type { Sighting } from '../../lab/observe/sighting.ts';
import type { Plan, PlannedLink } from '../../lab/plan/plan.ts';
import type { Expectation, LinkProperties } from '../../lab/topology/topology.ts';
import { judge } from '../../lab/verdict/index.ts';

const link = (kind: 'edge' | 'trunk', a: string, b: string, properties: LinkProperties = {}): PlannedLink => ({
  name: `${a}--${b}`,
  kind,
  a: { node: a, interface: 'eth0', mac: '' },
  b: { node: b, interface: a, mac: '' },
  forward: properties,
  backward: properties,
  backend: 'veth',
});

const plan = {
  links: [
    link('edge', 'i1', 'west'),
    link('edge', 't1', 'east'),
    link('edge', 't2', 'east'),
    link('trunk', 'west', 'east'),
  ],
  nodes: ['i1', 't1', 't2'].map((name) => ({ name })),
} as unknown as Plan;

function cross(id: string, a: string, b: string, time: number, bits = '03', ttl = 8): Sighting[] {
  const common = { id, bits, ttl, biftId: 1, entropy: 1, bytes: 1236, source: 's', destination: 'd' };
  return [
    { end: `${a}>${b}`, way: 'out', time, ...common },
    { end: `${b}>${a}`, way: 'in', time: time + 0.01, ...common },
  ];
}

/** i1 → t1, relayed to t2; over the trunk once. */
const relayed = (id: string) => [
  ...cross(id, 'i1', 'west', 1),
  ...cross(id, 'west', 'east', 1.1),
  ...cross(id, 'east', 't1', 1.2),
  ...cross(id, 't1', 'east', 1.3, '02', 7),
  ...cross(id, 'east', 't2', 1.4, '02', 7),
];

const datagram = (id: string, deliveries: string[]): Datagram => ({
  id,
  from: 'i1',
  sentAt: 0.9,
  to: ['t1', 't2'],
  attempt: 1,
  bytes: 1000,
  deliveries: deliveries.map((node) => ({ node, at: 2 })),
});

function evidence(over: Partial<Evidence> = {}, sightings = relayed('d1'), datagrams = [datagram('d1', ['t1', 't2'])]) {
  return {
    plan,
    ledger: new Ledger(sightings),
    datagrams: new Map(datagrams.map((d) => [d.id, d])),
    strays: [],
    puts: [],
    stored: [],
    killed: new Map(),
    phases: [],
    counters: [],
    captureDrops: 0,
    noise: [],
    ...over,
  } satisfies Evidence;
}

const expects = (expectation: object) => ({ should: 'pass', line: 1, ...expectation }) as Expectation;
const delivered = expects({ kind: 'delivered' });
const onceOnTrunks = expects({ kind: 'traversals', on: 'trunks', atMost: 1 });

t.test('delivered', async (t) => {
  t.equal(judge(delivered, evidence()).outcome, 'pass');

  const missed = judge(delivered, evidence({}, relayed('d1'), [datagram('d1', ['t1'])]));
  t.equal(missed.outcome, 'fail');
  t.match(missed.summary, /1 of 1 datagrams went wrong: t2 missed 1/);
  t.equal(missed.exhibit?.finding, 't2 missed it');
  t.equal(missed.exhibit?.hops.length, 5, 'shows every hop');

  const killed = judge(delivered, evidence({ killed: new Map([['t2', 1]]) }, relayed('d1'), [datagram('d1', ['t1'])]));
  t.equal(killed.exhibit?.finding, 't2 missed it (its process was killed)');

  const twice = judge(delivered, evidence({}, relayed('d1'), [datagram('d1', ['t1', 't1', 't2'])]));
  t.equal(twice.exhibit?.finding, 't1 got it 2 times');

  const stranger = judge(delivered, evidence({}, relayed('d1'), [datagram('d1', ['t1', 't2', 't3'])]));
  t.equal(stranger.exhibit?.finding, 't3 got it without being addressed');

  const stray = judge(delivered, evidence({ strays: [{ id: 'x', node: 't1', at: 1 }] }));
  t.match(stray.summary, /1 deliveries of datagrams nobody sent, first at t1/);

  t.equal(judge(delivered, evidence({}, [], [])).outcome, 'fail', 'nothing sent proves nothing');
});

t.test('traversals', async (t) => {
  t.equal(judge(onceOnTrunks, evidence()).outcome, 'pass');

  const twice = judge(onceOnTrunks, evidence({}, [...relayed('d1'), ...cross('d1', 'west', 'east', 1.05, '02')]));
  t.equal(twice.outcome, 'fail');
  t.equal(twice.exhibit?.finding, 'crossed west>east twice');
  t.match(twice.summary, /west>east \(1\)/);

  t.equal(judge(onceOnTrunks, evidence({ captureDrops: 3 })).outcome, 'inconclusive', 'a hole in the ledger');
  t.equal(judge(onceOnTrunks, evidence({}, [], [])).outcome, 'fail', 'an empty ledger proves nothing');

  const exactly = (on: string[], n: number) => expects({ kind: 'traversals', on, exactly: n, to: ['t1', 't2'] });
  t.equal(judge(exactly(['west>east'], 1), evidence()).outcome, 'pass');
  t.equal(judge(exactly(['east>west'], 0), evidence()).outcome, 'pass');
  t.equal(judge(exactly(['east>west'], 1), evidence()).outcome, 'fail');
  t.equal(judge(exactly(['west>east'], 0), evidence()).outcome, 'fail');
  t.equal(judge(exactly(['nowhere>else'], 0), evidence()).outcome, 'fail', 'a link that does not exist');
  t.equal(
    judge(expects({ kind: 'traversals', on: 'trunks', exactly: 1, to: ['t9'] }), evidence()).outcome,
    'fail',
    'no datagram to judge',
  );
  t.equal(
    judge(expects({ kind: 'traversals', on: 'edges', atMost: 1 }), evidence()).outcome,
    'pass',
    'the relay sends back over its own edge link in the other direction',
  );
});

t.test(
  'what wires lost for want of a processor is no failure, and no success of a topology that is to fail',
  async (t) => {
    const missed = evidence({ framesMissed: 2 }, [...relayed('d1'), ...cross('d1', 'west', 'east', 1.05, '02')]);
    const doubted = judge(onceOnTrunks, missed);
    t.match(doubted, { outcome: 'inconclusive', summary: /crossed west>east twice.*; but wires lost 2 frames/ });
    t.equal(judge({ ...onceOnTrunks, should: 'fail' } as Expectation, missed).outcome, 'inconclusive');
    t.equal(judge(onceOnTrunks, evidence({ framesMissed: 2 })).outcome, 'pass');
  },
);

t.test('should: fail turns a verdict round', async (t) => {
  const shouldFail = { ...onceOnTrunks, should: 'fail' } as Expectation;
  t.equal(judge(shouldFail, evidence()).outcome, 'fail');
  t.equal(
    judge(shouldFail, evidence({}, [...relayed('d1'), ...cross('d1', 'west', 'east', 1.05, '02')])).outcome,
    'pass',
  );
  t.equal(judge(shouldFail, evidence({ captureDrops: 1 })).outcome, 'inconclusive');
});

t.test('stored', async (t) => {
  const stored = expects({ kind: 'stored', replicas: 2 });
  const put = {
    step: 1,
    from: 'i1',
    object: 'aa',
    bytes: 1,
    startedAt: 0,
    took: 1,
    wanted: 2,
    chunks: [{ hash: 'aa', replicas: ['t1', 't2'] }],
  };
  const said = ['t1', 't2'].map((node) => ({ node, hash: 'aa', at: 1 }));
  t.equal(judge(stored, evidence({ puts: [put], stored: said })).outcome, 'pass');
  t.equal(judge(stored, evidence()).outcome, 'fail', 'nothing was put');
  t.match(
    judge(stored, evidence({ puts: [put], stored: said.slice(1) })).summary,
    /t1 acknowledged but never said stored/,
  );
  t.match(
    judge(stored, evidence({ puts: [{ ...put, chunks: [{ hash: 'aa', replicas: ['t1'] }] }], stored: said })).summary,
    /1 replicas of 2/,
  );
  t.match(judge(stored, evidence({ puts: [{ ...put, chunks: [], error: 'no bids' }] })).summary, /no bids/);
});

t.test('latency', async (t) => {
  // t1's path is three links, t2's is five; a packet of 1,236 bytes, a frame of 1,250, at 10 Mbit/s takes 1 ms a link.
  const up = { rate: 10e6, delay: 2 };
  const down = { rate: 10e6 };
  const host = (name: string, at: string) => ({ name, zone: at, switch: at, up, down });
  const slow = {
    ...plan,
    topology: {
      hosts: [host('i1', 'west'), host('t1', 'east'), host('t2', 'east')],
      trunks: [{ a: 'west', b: 'east', forward: up, backward: down }],
    },
  } as unknown as Plan;
  const within = (extra: number, paths = 1, quantile = 1) => expects({ kind: 'latency', quantile, paths, extra });
  const late = datagram('d1', []);
  // Floors: i1>west 3, west>east 3, east>t1 1 → 7; then t1>east 3, east>t2 1 → 11.
  late.deliveries.push({ node: 't1', at: late.sentAt + 7.5 }, { node: 't2', at: late.sentAt + 12 });
  const run = (over: Partial<Evidence> = {}) => evidence({ plan: slow, ...over }, relayed('d1'), [late]);

  t.equal(judge(within(1.1), run()).outcome, 'pass');
  const failed = judge(within(0.9), run());
  t.equal(failed.outcome, 'fail');
  t.match(failed.exhibit?.finding, /took 12\.000 ms to t2; its path alone takes 11\.000 ms/);
  t.equal(failed.exhibit?.hops.length, 5);
  t.equal(judge(within(0.6, 1, 0.5), run()).outcome, 'pass', 'the better half is t1');
  t.equal(judge(within(0, 1.1), run()).outcome, 'pass', '10% over the floor');

  t.equal(judge(within(0.9), run({ noise: [0.01, 0.02] })).outcome, 'fail', 'a quiet machine does not excuse it');
  t.equal(judge(within(0.9), run({ noise: [0.01, 0.2] })).outcome, 'inconclusive', 'two wake-ups of 0.2 ms could');
  t.equal(judge(within(0.9), run({ captureDrops: 1 })).outcome, 'inconclusive');
  t.equal(judge(within(9), evidence({ plan: slow }, [], [late])).outcome, 'fail', 'without a path there is no floor');
});

t.test('phases, groups and links limit what is judged', async (t) => {
  const sightings = ['d1', 'd2', 'd3'].flatMap(relayed);
  const sent = [
    { ...datagram('d1', ['t1', 't2']), sentAt: 1, group: 'a' },
    { ...datagram('d2', ['t1']), sentAt: 5, group: 'a' },
    { ...datagram('d3', ['t1', 't2']), sentAt: 9, group: 'b' },
  ];
  const phases = [
    { name: 'before', from: 0 },
    { name: 'fault', from: 4 },
    { name: 'after', from: 8 },
  ];
  const run = evidence({ phases }, sightings, sent);
  const outcome = (filters: object) => judge({ ...delivered, ...filters } as Expectation, run);
  t.equal(outcome({}).outcome, 'fail');
  t.equal(outcome({ phase: 'before' }).outcome, 'pass');
  t.equal(outcome({ phase: 'fault' }).exhibit?.datagram, 'd2');
  t.equal(outcome({ phase: 'after' }).outcome, 'pass');
  t.match(outcome({ phase: 'never' }), { outcome: 'fail', summary: 'the phase never never began' });
  t.equal(outcome({ group: 'b' }).outcome, 'pass');
  t.equal(outcome({ group: 'a' }).exhibit?.datagram, 'd2');
  t.match(outcome({ phase: 'before', group: 'b' }), { outcome: 'fail', summary: 'no datagram was sent' });
  t.equal(outcome({ links: ['t1>east'] }).outcome, 'fail');
  t.match(outcome({ links: ['west>i1'] }).summary, 'no datagram was sent');
  t.equal(judge({ ...onceOnTrunks, phase: 'fault' } as Expectation, run).summary, '1 datagrams, 1 crossings');
  t.match(outcome({ phase: 'after', group: 'b' }).title, / in phase after, to group b$/);
});

/** A part of a chunk, as the wire shows it. */
const part = (id: string, index: number, attempt: number, kind = 5) =>
  relayed(id).map((sighting) => ({
    ...sighting,
    replicast: { kind, txn: '0000000000000001', attempt, index, count: 2 },
  }));

t.test('delivered after repair', async (t) => {
  const repaired = expects({ kind: 'delivered', repaired: true });
  const again = { ...datagram('d2', ['t2']), to: ['t2'], attempt: 2 };
  const run = (sent: Datagram[], over: Partial<Evidence> = {}, kind = 5) =>
    judge(repaired, evidence(over, [...part('d1', 0, 1, kind), ...part('d2', 0, 2, kind)], sent));
  t.match(run([datagram('d1', ['t1']), again]), { outcome: 'pass', summary: '1 parts, 1 sent again' });
  t.equal(run([datagram('d1', ['t1', 't1', 't2']), again]).outcome, 'pass', 'receivers drop what they have');
  const failed = run([datagram('d1', ['t1']), { ...again, deliveries: [] }]);
  t.match(failed, {
    outcome: 'fail',
    exhibit: { datagram: 'd2', finding: 't2 did not get this part in any of 2 attempts' },
  });
  t.equal(failed.exhibit?.hops.length, 5);
  t.equal(run([datagram('d1', ['t1'])], { killed: new Map([['t2', 1]]) }).outcome, 'pass', 'a dead host gets nothing');
  t.match(run([datagram('d1', ['t1', 't2', 't3'])]).exhibit?.finding, 't3 got it without being addressed');
  t.match(run([datagram('d1', [])], {}, 1).summary, 'no part of any chunk was sent', 'a proposal is no part');
  t.equal(run([datagram('d1', ['t1', 't2'])], { captureDrops: 1 }).outcome, 'inconclusive');
});

t.test('bytes', async (t) => {
  const stress = (perPayload: number, on: string | string[] = 'trunks') => expects({ kind: 'bytes', on, perPayload });
  // 1,236 bytes on the trunk for 1,000 of payload; of a chunk's part, 20 of them are the prefix.
  t.match(judge(stress(1.24), evidence()), {
    outcome: 'pass',
    summary: '1.236 on west>east: 1236 bytes for 1000 of payload',
  });
  const failed = judge(stress(1.23), evidence());
  t.match(failed, { outcome: 'fail', exhibit: { datagram: 'd1', finding: 'crossed west>east 1 times' } });
  const twice = evidence(
    {},
    [...part('d1', 0, 1), ...part('d2', 0, 2)],
    [datagram('d1', ['t1', 't2']), { ...datagram('d2', ['t1', 't2']), attempt: 2 }],
  );
  t.match(
    judge(stress(2.6), twice),
    { outcome: 'pass', summary: /^2\.522 .* for 980 of payload$/ },
    'repeats are not payload',
  );
  t.equal(judge(stress(0, ['east>west']), evidence()).outcome, 'pass');
  t.equal(judge(stress(9, ['nowhere>else']), evidence()).outcome, 'fail');
  t.equal(judge(stress(9), evidence({}, [], [])).summary, 'no payload was sent');
  t.equal(judge(stress(9), evidence({ captureDrops: 1 })).outcome, 'inconclusive');
});

t.test('goodput', async (t) => {
  const put = (startedAt: number, took: number, over: object = {}) => ({
    step: 0,
    from: 'i1',
    bytes: 1e6,
    startedAt,
    took,
    wanted: 1,
    chunks: [],
    ...over,
  });
  const atLeast = (rate: number, from?: string) => expects({ kind: 'goodput', atLeast: rate, ...(from && { from }) });
  // 16 Mbit in 150 ms: the two overlap by 50 ms.
  const puts = [put(0, 100), put(50, 100)];
  t.match(judge(atLeast(106e6), evidence({ puts })), {
    outcome: 'pass',
    summary: '106.67 mbit/s: 2000000 bytes in 150 ms',
  });
  const failed = judge(atLeast(110e6), evidence({ puts }));
  t.match(failed, { outcome: 'fail', exhibit: { datagram: 'd1' } });
  const machine = { duration: 200, stolen: 3, idle: 0.5, stalled: 1 };
  t.equal(judge(atLeast(110e6), evidence({ puts, machine })).outcome, 'fail', '4.5 ms late, 4 ms waited');
  t.equal(judge(atLeast(110e6), evidence({ puts, machine: { ...machine, stalled: 2 } })).outcome, 'inconclusive');
  t.equal(judge(atLeast(110e6, 'i2'), evidence({ puts })).summary, 'nothing was put');
  const broken = [...puts, put(0, 1, { error: 'no bids' })];
  t.match(judge(atLeast(110e6), evidence({ puts: broken, machine: { ...machine, stalled: 400 } })), {
    outcome: 'fail',
    summary: /a put failed: no bids$/,
  });
});

t.test('counters', async (t) => {
  const counters = [
    { phase: 'fault', nodes: { t1: { relayed: 3, dropped: { loop: 1, truncated: 1 } }, t2: { relayed: 1 } } },
    { nodes: { t1: { relayed: 10, dropped: { loop: 1, truncated: 4 } }, t2: { relayed: 2 } } },
  ];
  const run = evidence({ counters, phases: [{ name: 'fault', from: 0 }] });
  const outcome = (over: object) => judge(expects({ kind: 'counters', ...over }), run);
  t.match(outcome({ counter: 'relayed', atLeast: 12, atMost: 12 }), { outcome: 'pass', summary: '12: t1 10, t2 2' });
  t.match(outcome({ counter: 'dropped', atMost: 4 }), {
    outcome: 'fail',
    summary: '5: t1 5',
    exhibit: { datagram: 'd1' },
  });
  t.match(outcome({ counter: 'dropped.loop', node: 't1', atLeast: 1, atMost: 1, phase: 'fault' }).summary, '0');
  t.equal(outcome({ counter: 'relayed', node: 't1', atLeast: 7, atMost: 7, phase: 'fault' }).outcome, 'pass');
  t.match(outcome({ counter: 'relayed', node: 't3', atMost: 9 }), {
    outcome: 'fail',
    summary: 't3 did not say what relayed is',
  });
  t.match(outcome({ counter: 'relaid', atMost: 9 }), { outcome: 'fail', summary: 'no node has a counter relaid' });
});

t.test('recovers-within', async (t) => {
  const recovers = (time: number) => expects({ kind: 'recovers-within', time, phase: 'healed' });
  const at = (id: string, sentAt: number, deliveries: string[]) => ({ ...datagram(id, deliveries), sentAt });
  const phases = [{ name: 'healed', from: 100 }];
  const lost = at('d2', 150, ['t1']);
  const good = at('d3', 200, ['t1', 't2']);
  const run = (...sent: Datagram[]) => evidence({ phases }, relayed('d2'), [at('d1', 50, []), ...sent]);
  t.match(judge(recovers(50), run(lost, good)), { outcome: 'pass', summary: 'after 50 ms, of 2 datagrams' });
  const failed = judge(recovers(49), run(lost, good));
  t.match(failed, { outcome: 'fail', exhibit: { datagram: 'd2', finding: 't2 missed it' } });
  t.equal(failed.exhibit?.hops.length, 5);
  t.match(judge(recovers(99), run(lost)), {
    outcome: 'fail',
    summary: 'the last datagram that was sent went wrong too',
  });
  t.equal(judge(recovers(0), run(good)).outcome, 'pass');
  t.equal(judge(recovers(9), run()).outcome, 'fail');
  const machine = { duration: 100, stolen: 0, idle: 0.5, stalled: 1 };
  t.equal(judge(recovers(49), { ...run(lost, good), machine }).outcome, 'inconclusive');
});

t.test('a latency bound that allows less than the machine adds is inconclusive, met or not', async (t) => {
  const topology = {
    hosts: ['i1', 't1', 't2'].map((name) => ({ name, switch: name === 'i1' ? 'west' : 'east', up: {}, down: {} })),
    trunks: [{ a: 'west', b: 'east', forward: {}, backward: {} }],
  };
  const run = (noise: number[]) => evidence({ plan: { ...plan, topology } as unknown as Plan, noise });
  const within = expects({ kind: 'latency', quantile: 1, paths: 1, extra: 2 });
  t.equal(judge(within, run([0.05])).outcome, 'pass');
  const busy = { duration: 100, stolen: 0, idle: 0.05 };
  t.match(judge(within, { ...run([0.05]), machine: busy }), { outcome: 'inconclusive', summary: /idle for 5% of/ });
  t.match(judge(within, { ...run([0.05]), machine: { ...busy, idle: 0.5, stalled: 60 } }), {
    outcome: 'inconclusive',
    summary: /waited for a processor for 60% of/,
  });
  t.equal(judge(within, { ...run([0.05]), machine: { ...busy, idle: 0.5, stalled: 40 } }).outcome, 'pass');
  const wide = { ...within, extra: 10 } as Expectation;
  t.equal(judge(wide, { ...run([0.05]), machine: busy }).outcome, 'pass', 'a wide bound that is met all the same');
  const late = { ...datagram('d1', ['t1']), sentAt: -100 };
  const missed = (machine: Evidence['machine']) =>
    evidence({ plan: run([]).plan, noise: [0.05], ...(machine && { machine }) }, relayed('d1'), [late]);
  t.equal(judge(wide, missed(busy)).outcome, 'inconclusive', 'a wide bound missed on such a machine');
  t.equal(judge(wide, missed({ ...busy, idle: 0.5 })).outcome, 'fail');
  t.match(judge(within, run([1.5])), { outcome: 'inconclusive', summary: /a bound of 2\.000 ms over the floor/ });
});
