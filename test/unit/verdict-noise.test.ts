import t from 'tap';
import { counterOf } from '../../lab/observe/counters.ts';
import { idleTime, stalledTime, stolenTime, watchMachine } from '../../lab/observe/machine.ts';
import { longestWaiting, parseTurns, watchTurns } from '../../lab/observe/turns.ts';
import { addedToActivity, addedToTime } from '../../lab/verdict/noise.ts';

t.test('what a machine kept from its processes, as the kernel says it', (t) => {
  const stat = 'cpu  100 0 50 900 3 0 1 42 0 0\ncpu0 50 0 25 450 1 0 0 21 0 0\nintr 1\n';
  t.equal(stolenTime(stat), 420, 'ticks of 10 ms');
  t.strictSame(idleTime(stat), { idle: 9030, total: 10_960 }, 'waiting for a disk is idle too');
  t.equal(stolenTime('cpu  1 2 3 4\n'), 0, 'a kernel without steal');
  const pressure =
    'some avg10=1.00 avg60=0.50 avg300=0.10 total=1234567\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=9\n';
  t.equal(stalledTime(pressure), 1234.567);
  t.equal(stalledTime(undefined), undefined, 'a kernel without PSI');
  let now = 0;
  const watched = watchMachine(() => now);
  now = 250;
  const { duration, stolen, stalled = 0 } = watched();
  t.equal(duration, 250);
  t.ok(stolen >= 0 && stalled >= 0);
  t.end();
});

t.test('what noise may have added', (t) => {
  const evidence = (over: object) => ({ noise: [], ...over }) as unknown as Parameters<typeof addedToActivity>[0];
  t.equal(addedToTime(1, 3, evidence({ noise: [0.1, 0.5] })), 1.5);
  t.equal(addedToTime(0.5, 1, evidence({ noise: [0.1, 0.5] })), 0.1);
  t.equal(addedToTime(1, 3, evidence({})), 0, 'nothing was probed');
  t.equal(addedToActivity(evidence({ machine: { duration: 100, stolen: 5, stalled: 7 } })), 12);
  t.equal(addedToActivity(evidence({ machine: { duration: 100, stolen: 5 } })), 5);
  t.equal(addedToActivity(evidence({})), 0, 'nobody looked');
  t.end();
});

t.test('turns on a processor', (t) => {
  t.strictSame(parseTurns('2500000 500000 12\n'), { ran: 2.5, waited: 0.5 });
  t.equal(parseTurns(''), undefined);
  const self = { pid: process.pid };
  const counted = watchTurns(
    new Map<string, { pid: number | undefined }>([
      ['self', self],
      ['gone', { pid: undefined }],
    ]),
  );
  const { self: turns, ...others } = counted();
  t.ok(turns && turns.ran >= 0 && turns.waited >= 0 && turns.ran < 1_000, 'since the watch began');
  t.strictSame(others, {}, 'nobody knows of one that does not run');
  const of = { a: { ran: 9, waited: 1 }, b: { ran: 1, waited: 1 }, idle: { ran: 0, waited: 0 } };
  t.strictSame(longestWaiting(of), { node: 'b', waited: 1, share: 0.5 });
  t.strictSame(longestWaiting(of, ['a', 'idle', 'switch']), { node: 'a', waited: 1, share: 0.1 });
  t.equal(longestWaiting({}), undefined);
  t.end();
});

t.test('counters by name', (t) => {
  const counters = {
    relayed: 3,
    dropped: { loop: 1, 'bad-hello': 2 },
    replicast: { node: { 'puts.done': 4 } },
    name: 't1',
  };
  t.equal(counterOf(counters, 'relayed'), 3);
  t.equal(counterOf(counters, 'dropped'), 3);
  t.equal(counterOf(counters, 'dropped.bad-hello'), 2);
  t.equal(counterOf(counters, 'replicast.node.puts.done'), 4, 'a dot may be part of a name');
  t.equal(counterOf(counters, 'dropped.ghosts'), undefined);
  t.equal(counterOf(counters, 'constructor'), undefined);
  t.equal(counterOf(counters, 'name'), undefined, 'no number');
  t.equal(counterOf(undefined, 'relayed'), undefined);
  t.end();
});
