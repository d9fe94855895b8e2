/** Verdicts about times and rates: what the overlay, the machine or the links themselves may have caused. */
import t from 'tap';
import type { Datagram, Evidence } from '../../lab/observe/evidence.ts';
import type { Plan } from '../../lab/plan/plan.ts';
import { pointOfStep } from '../../lab/run/points.ts';
import type { Expectation } from '../../lab/topology/topology.ts';
import { judge } from '../../lab/verdict/index.ts';
import { datagram, evidence, expects, plan, relayed } from '../support/run-evidence.ts';

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
  // 1 ms over the floor, of which a node that waited for a tenth of its time ran for 0.45 ms at least.
  const turns = (waited: number, all = 100) => ({
    turns: { i1: { ran: 1, waited: 0 }, t2: { ran: all - waited, waited }, t9: { ran: 1, waited: 9 } },
  });
  t.match(judge(within(0.5), run(turns(10))), {
    outcome: 'inconclusive',
    summary: /0\.500 ms too much, but t2 waited for a processor of this machine for 10% of the time/,
  });
  t.equal(judge(within(0.4), run(turns(10))).outcome, 'fail', 'too little to explain it; t9 is not on its way');
  t.equal(judge(within(0.1), run(turns(95))).outcome, 'inconclusive', 'nearly all of it may be waiting');
  t.equal(
    judge(within(0.1), run(turns(0.8, 0.9))).outcome,
    'fail',
    'the share explains it, but nobody waited for so long',
  );
  t.equal(judge(within(9), evidence({ plan: slow }, [], [late])).outcome, 'fail', 'without a path there is no floor');

  // The trunk is crossed from 1.01 on, when the first hop has arrived.
  const change = (at: number) => [{ at, direction: 'west>east', properties: { ...up, delay: 4 } }];
  t.match(
    judge(within(0), run({ changes: change(1) })).summary,
    /over a floor of 13\.000 ms/,
    'a link that was changed',
  );
  t.match(judge(within(0), run({ changes: change(2) })).summary, /over a floor of 11\.000 ms/, 'too late to matter');
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

t.test('a link that was not as declared makes what is measured over it inconclusive, met or not', async (t) => {
  const topology = {
    hosts: ['i1', 't1', 't2'].map((name) => ({ name, switch: name === 'i1' ? 'west' : 'east', up: {}, down: {} })),
    trunks: [{ a: 'west', b: 'east', forward: {}, backward: {} }],
  };
  const put = { step: 0, from: 'i1', bytes: 1e6, startedAt: 0, took: 100, wanted: 1, chunks: [] };
  const phases = [{ name: 'healed', from: 0 }];
  const lost = { ...datagram('d1', ['t1']), sentAt: 50 };
  const good = { ...datagram('d2', ['t1', 't2']), sentAt: 60 };
  const run = (direction: string, over: Partial<Evidence> = {}) => ({
    ...evidence({ plan: { ...plan, topology } as unknown as Plan, puts: [put], phases }),
    calibration: [
      { direction: 'i1>west', delay: 0.01 },
      { direction, off: 'delay 7.10 ms, not 5 ms' },
    ],
    ...over,
  });
  const latency = (extra: number) => expects({ kind: 'latency', quantile: 1, paths: 1, extra });
  const goodput = (atLeast: number) => expects({ kind: 'goodput', atLeast });
  const recovers = (time: number) => expects({ kind: 'recovers-within', time, phase: 'healed' });
  const sent = { datagrams: new Map([lost, good].map((one) => [one.id, one])) };
  for (const expectation of [latency(10), latency(0), goodput(1), goodput(1e12)]) {
    t.match(judge(expectation, run('west>east')), {
      outcome: 'inconclusive',
      summary: /: west>east was found to have delay 7\.10 ms, not 5 ms$/,
    });
    t.not(judge(expectation, run('east>i9')).outcome, 'inconclusive', 'nothing crossed that link');
  }
  for (const time of [10, 1000]) {
    t.equal(judge(recovers(time), run('west>east', sent)).outcome, 'inconclusive');
    t.equal(judge(recovers(time), run('east>i9', sent)).outcome, time < 50 ? 'fail' : 'pass');
  }
});

t.test(
  'a put that ran out of time on emulated processors proves nothing; what cannot be their doing still fails',
  async (t) => {
    const machine = { duration: 100, stolen: 0, idle: 0.9, emulated: true } as const;
    const put = { step: 0, from: 'i1', bytes: 1e6, startedAt: 0, took: 100, wanted: 1, chunks: [] };
    const late = { ...put, error: 'no answer from t1' };
    const silent = { ...put, chunks: [{ hash: 'aa', replicas: ['t1'] }] };
    const kinds = [
      expects({ kind: 'stored', replicas: 1 }),
      expects({ kind: 'goodput', atLeast: 1 }),
      expects({ kind: 'delivered', repaired: true }),
    ];
    const sent = [datagram('d1', ['t1', 't2'])];
    for (const expectation of kinds) {
      const here = judge(expectation, evidence({ puts: [late], machine }, relayed('d1'), sent));
      t.match(here, { outcome: 'inconclusive', summary: /processors of this machine are emulated/ }, expectation.kind);
      const real = judge(expectation, evidence({ puts: [late] }, relayed('d1'), sent));
      t.equal(real.outcome, 'fail', `${expectation.kind}, on real ones`);
    }
    const lied = judge(kinds[0]!, evidence({ puts: [late, silent], machine }, relayed('d1'), sent));
    t.match(
      lied,
      { outcome: 'fail', summary: 'put from i1: no answer from t1 (and 2 more)' },
      'an acknowledgement without a replica is certain',
    );

    const step = {
      kind: 'put',
      title: 'put',
      summary: 'no answer',
      startedAt: 0,
      endedAt: 1,
      error: new Error('no answer'),
    } as const;
    t.equal(pointOfStep(step, true).outcome, 'inconclusive');
    t.equal(pointOfStep(step, false).outcome, 'fail');
    t.equal(pointOfStep({ ...step, kind: 'run' }, true).outcome, 'fail');
  },
);

t.test('nothing came, and emulated processors: reasons in words', async (t) => {
  const put = { step: 0, from: 'i1', bytes: 1e6, startedAt: 0, took: 100, wanted: 1, chunks: [] };
  const goodput = expects({ kind: 'goodput', atLeast: 1e9 });
  const failed = { ...put, error: 'no bids' };
  t.match(judge(goodput, evidence({ puts: [failed] })), { outcome: 'fail', summary: 'nothing was stored: no bids' });
  const machine = { duration: 100, stolen: 0, idle: 0.9, emulated: true } as const;
  t.match(judge(goodput, evidence({ puts: [put], machine })), {
    outcome: 'inconclusive',
    summary: /too long, but the processors of this machine are emulated$/,
  });
  const none = judge(
    expects({ kind: 'recovers-within', time: 5 }),
    evidence({}, relayed('d1'), [
      { ...datagram('d0', ['t1', 't2']), sentAt: 10 },
      { ...datagram('d1', ['t1']), sentAt: 30 },
      { ...datagram('d2', ['t1', 't2']), sentAt: 50 },
    ]),
  );
  t.match(
    none,
    { outcome: 'fail', summary: 'after 20 ms, of 3 datagrams' },
    'without a phase, from the first datagram',
  );
});
