import fc from 'fast-check';
import t from 'tap';
import type { Route } from '../../src/overlay/index.ts';
import { BURST_TIME, MAX_BURST, MAX_CATCH_UP } from '../../src/pmu/constants.ts';
import { BufferPool, ChunkReassembly, coarseClock, exactClock, Pace, PacedSender } from '../../src/pmu/index.ts';
import { contentHash, decodeMessage, encodePiece, GeneratedContent, type Transfer } from '../../src/replicast/index.ts';
import { FakeClock } from '../replicast/clock.ts';

t.test('datagrams leave evenly from the start on', async (t) => {
  // 1,000 bytes at 1 Mbit/s: one every 8 ms.
  const pace = new Pace(100, 1e6);
  const sizes = Array(50).fill(1000);
  t.equal(pace.due(99.9, sizes), 0);
  t.equal(pace.next, 100);
  t.equal(pace.due(100, sizes), 1);
  t.equal(pace.next, 108);
  t.equal(pace.due(107, sizes), 0);
  t.equal(pace.due(108, sizes), 1);
});

t.test('lateness is made up for a little, never by a burst', async (t) => {
  // 125 bytes at 10 Mbit/s: one every 0.1 ms.
  const sizes = Array(500).fill(125);
  const pace = new Pace(0, 1e7);
  let made = 0;
  for (let turn = pace.due(20, sizes); turn > 0; turn = pace.due(20, sizes)) made += turn;
  t.ok(made >= 30 && made <= 34, `${MAX_CATCH_UP} ms of it, and those that are due: ${made}`);
  t.ok(pace.next >= 20 && pace.next < 20.1 + BURST_TIME);
  const fast = new Pace(0, 1e9);
  t.equal(fast.due(20, sizes), MAX_BURST, 'at most so many in one go');
});

t.test('many leave together, and no faster than the rate', async (t) => {
  // 1,250 bytes at 500 Mbit/s: one every 0.02 ms.
  const pace = new Pace(0, 5e8);
  const sizes = Array(100).fill(1250);
  t.equal(pace.due(0, sizes), Math.ceil(BURST_TIME / 0.02));
  t.equal(pace.due(BURST_TIME / 2, sizes), 0);
  let sent = 0;
  let turns = 0;
  for (let now = pace.next; now < 10; now = pace.next, turns++) sent += pace.due(now, sizes);
  const wanted = (10 - BURST_TIME) / 0.02;
  t.ok(Math.abs(sent - wanted) <= MAX_BURST, `${sent} of ${wanted}`);
  t.ok(turns <= 10 / BURST_TIME + 1, `in ${turns} turns`);
});

t.test('a chunk is put together from datagrams in any order', async (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 200_000 }),
      fc.integer({ min: 500, max: 9000 }),
      fc.integer(),
      fc.nat({ max: 30 }),
      (length, datagram, seed, repeats) => {
        const chunk = new GeneratedContent(seed).next(length);
        const reassembly = new ChunkReassembly(length, datagram, new BufferPool());
        const indices = Array.from({ length: Math.ceil(length / datagram) }, (_, i) => i);
        const order = [...indices].sort((a, b) => ((a * 7919 + seed) % 104_729) - ((b * 7919 + seed) % 104_729));
        for (const [turn, index] of order.entries()) {
          if (reassembly.complete) return false;
          const piece = chunk.subarray(index * datagram, (index + 1) * datagram);
          if (!reassembly.add(index, piece)) return false;
          if (turn < repeats && reassembly.add(index, piece)) return false;
        }
        return (
          reassembly.complete && reassembly.hash() === contentHash(chunk) && reassembly.hash() === contentHash(chunk)
        );
      },
    ),
    { numRuns: 60 },
  );
  t.pass();
});

t.test('what does not belong is not taken', async (t) => {
  const reassembly = new ChunkReassembly(250, 100, new BufferPool());
  t.equal(reassembly.count, 3);
  t.notOk(reassembly.add(3, Buffer.alloc(50)), 'out of range');
  t.notOk(reassembly.add(0, Buffer.alloc(99)), 'too short');
  t.notOk(reassembly.add(0, Buffer.alloc(101)), 'too long');
  t.notOk(reassembly.add(2, Buffer.alloc(100)), 'the last is shorter');
  t.ok(reassembly.add(2, Buffer.alloc(50)));
  t.same([...reassembly.missing()], [0b011]);
  t.throws(() => reassembly.hash(), /2 datagrams are missing/);
  reassembly.reset();
  t.same([...reassembly.missing()], [0b111]);
  t.equal(reassembly.received, 0);
  for (const index of [0, 1, 2]) reassembly.add(index, Buffer.alloc(index === 2 ? 50 : 100, 1));
  t.equal(reassembly.hash(), contentHash(Buffer.alloc(250, 1)), 'what came before a reset leaves no trace');
});

t.test('buffers are used again, up to a limit', async (t) => {
  const pool = new BufferPool();
  const first = pool.take(1000);
  pool.give(first);
  t.not(pool.take(1001), first);
  t.equal(pool.take(1000), first);
  t.not(pool.take(1000), first, 'not twice');
  const large = Array.from({ length: 5 }, () => pool.take(8 << 20));
  for (const buffer of large) pool.give(buffer);
  t.equal([pool.take(8 << 20), pool.take(8 << 20)].filter((buffer) => large.includes(buffer as Buffer)).length, 2);
  t.notOk(large.includes(pool.take(8 << 20) as Buffer), '16 MiB are kept, not 40');
});

/** Records what a sender does under a fake clock. */
function bench(route: Partial<Route> = {}) {
  const clock = new FakeClock(0);
  const sent: { at: number; to: string; index: number }[] = [];
  const ended: [string, number, string?][] = [];
  const sender = new PacedSender({
    clock,
    overhead: 0,
    route: (to) => {
      if ('address' in to) throw new RangeError('no way there');
      return {
        maxPayload: 1400,
        send: (payload) => {
          const message = decodeMessage(payload);
          if (typeof message === 'string' || message.kind !== 'Data') throw new Error('malformed');
          sent.push({ at: clock.now(), to: to.members.join(), index: message.index });
        },
        ...route,
      };
    },
    onTransferred: (id, error) => ended.push(error ? [id, clock.now(), error.message] : [id, clock.now()]),
  });
  return { clock, sent, ended, sender };
}

function transfer(id: string, start: number, count: number, more: Partial<Transfer> = {}): Transfer {
  const chunk = new Uint8Array(count * 125);
  return {
    id,
    stream: { kind: 'Data', txn: 1, attempt: 1, repair: false, chunk, datagram: 125 },
    parts: [{ to: { group: 'g', members: [id] }, indices: Array.from({ length: count }, (_, i) => i) }],
    start,
    // One datagram a millisecond.
    rate: 1e6,
    reserved: true,
    flow: 1,
    ...more,
  };
}

t.test('a transfer leaves at its rate, in its window', async (t) => {
  const { clock, sent, ended, sender } = bench();
  sender.submit(transfer('a', 5, 10));
  clock.run(() => ended.length === 1, 100);
  t.same(
    sent.map(({ at, index }) => [at, index]),
    Array.from({ length: 10 }, (_, i) => [5 + i, i]),
  );
  t.same(ended, [['a', 14]]);
  t.equal(sender.pending, 0);
});

t.test('reserved transfers go one after the other, in the order of their start', async (t) => {
  const { clock, sent, ended, sender } = bench();
  sender.submit(transfer('late', 20, 3));
  sender.submit(transfer('early', 5, 3));
  sender.submit(transfer('crowded', 6, 3));
  clock.run(() => ended.length === 3, 100);
  t.same(
    ended.map(([id]) => id),
    ['early', 'crowded', 'late'],
  );
  t.same([...new Set(sent.map(({ to }) => to))], ['early', 'crowded', 'late'], 'never two at once');
});

t.test('a repair without a reservation goes beside them', async (t) => {
  const { clock, sent, ended, sender } = bench();
  sender.submit(transfer('reserved', 0, 10));
  sender.submit(transfer('repair', 2, 2, { reserved: false }));
  clock.run(() => ended.length === 2, 100);
  t.same(ended[0], ['repair', 3]);
  t.same(
    sent.filter(({ to }) => to === 'reserved').map(({ at }) => at),
    Array.from({ length: 10 }, (_, i) => i),
    'and does not hold them up',
  );
});

t.test('each part of a transfer goes to its own targets', async (t) => {
  const { clock, sent, ended, sender } = bench();
  const parts = [
    { to: { group: 'g', members: ['t1', 't2'] }, indices: [3] },
    { to: { group: 'g', members: ['t3'] }, indices: [] },
    { to: { group: 'g', members: ['t2'] }, indices: [4, 7] },
  ];
  sender.submit(transfer('x', 0, 10, { parts }));
  clock.run(() => ended.length === 1, 100);
  t.same(
    sent.map(({ to, index }) => [to, index]),
    [
      ['t1,t2', 3],
      ['t2', 4],
      ['t2', 7],
    ],
  );
});

t.test('pieces that leave together are those that leave one by one', async (t) => {
  for (const length of [125 * 40, 125 * 40 - 60]) {
    const pieces: [boolean, string][] = [];
    const { clock, sender, ended } = bench({
      send: (payload) => pieces.push([false, Buffer.from(payload).toString('hex')]),
      sendMany: (count, bytes, write) => {
        const space = new Uint8Array(7 + count * bytes);
        for (let i = 0; i < count; i++) {
          write(i, space, 7 + i * bytes);
          pieces.push([true, Buffer.from(space.subarray(7 + i * bytes, 7 + (i + 1) * bytes)).toString('hex')]);
        }
      },
    });
    const chunk = new Uint8Array(Array.from({ length }, (_, i) => i * 7));
    const stream = { kind: 'Data' as const, txn: 1, attempt: 1, repair: false, chunk, datagram: 125 };
    sender.submit(transfer('x', 0, 40, { stream, rate: 1e8 }));
    clock.run(() => ended.length === 1, 100);
    t.same(
      pieces.map(([, hex]) => hex),
      Array.from({ length: 40 }, (_, i) => Buffer.from(encodePiece(stream, i)).toString('hex')),
    );
    t.equal(pieces.filter(([together]) => !together).length, 1, 'the last may be shorter');
  }
});

t.test('what is stopped leaves no more, and makes way', async (t) => {
  const { clock, sent, ended, sender } = bench();
  sender.submit(transfer('first', 0, 10));
  sender.submit(transfer('second', 1, 3));
  sender.submit(transfer('third', 2, 3));
  sender.submit(transfer('repair', 0, 10, { reserved: false }));
  clock.run(() => sent.filter(({ to }) => to === 'first').length === 4, 100);
  for (const id of ['first', 'second', 'repair']) t.ok(sender.stop(id), id);
  t.notOk(sender.stop('first'), 'there is nothing left of it');
  t.equal(sender.pending, 1);
  const before = sent.length;
  clock.run(() => false, 100);
  t.same(
    sent.slice(before).map(({ to }) => to),
    ['third', 'third', 'third'],
  );
  t.same(
    ended.map(([id]) => id),
    ['third'],
  );
});

t.test('a transfer that cannot leave ends with the reason', async (t) => {
  const { clock, ended, sender } = bench();
  sender.submit(transfer('lost', 0, 3, { parts: [{ to: { address: 'nowhere' }, indices: [0] }] }));
  sender.submit(transfer('empty', 0, 3, { parts: [] }));
  clock.run(() => ended.length === 2, 100);
  t.same(ended.map(([id, , error]) => [id, error]).sort(), [
    ['empty', undefined],
    ['lost', 'no way there'],
  ]);
  sender.submit(transfer('never', 5, 3));
  sender.close();
  clock.run(() => false, 100);
  t.equal(ended.length, 2, 'closed is closed');
});

t.test('the real clocks call, never early, and can be called off', async (t) => {
  for (const clock of [exactClock, coarseClock]) {
    const at = clock.now() + 5;
    let called = 0;
    await new Promise<void>((resolve) => {
      clock.wake(at, () => {
        called++;
        resolve();
      });
      clock.wake(at, () => called++)();
    });
    t.ok(clock.now() >= at);
    t.equal(called, 1);
    let immediately = true;
    await new Promise<void>((resolve) => {
      clock.wake(0, () => {
        t.notOk(immediately, 'a time that has passed is not an exception');
        resolve();
      });
      immediately = false;
    });
  }
});
