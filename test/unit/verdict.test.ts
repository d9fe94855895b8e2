import t from 'tap';
import type { Datagram, Evidence } from '../../lab/observe/evidence.ts';
import type { Expectation } from '../../lab/topology/topology.ts';
import { judge } from '../../lab/verdict/index.ts';
import { cross, datagram, delivered, evidence, expects, relayed } from '../support/run-evidence.ts';

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
  const busy = { machine: { duration: 100, stolen: 0, idle: 0.02 } };
  const missed = [datagram('d1', ['t1']), { ...again, deliveries: [] }];
  t.match(run(missed, busy), {
    outcome: 'inconclusive',
    summary: /others got it in their place, and the processors .* idle for 2%/,
  });
  t.equal(run(missed, { ...busy, puts: [{ from: 'i1', startedAt: 0, error: 'no bids' } as never] }).outcome, 'fail');
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
