import fc from 'fast-check';
import t from 'tap';
import { Reservations } from '../../src/replicast/index.ts';

const forever = Number.POSITIVE_INFINITY;
const request = (notBefore: number, least: number, most = least, notAfter = forever) => ({
  notBefore,
  notAfter,
  least,
  most,
});

t.test('windows are given out in turn and gaps are filled', async (t) => {
  const calendar = new Reservations(1000);
  t.same(calendar.reserve('a', request(10, 5, 7)), { start: 10, end: 17 });
  t.same(calendar.reserve('b', request(0, 5, 7)), { start: 0, end: 7 }, 'before it');
  t.same(calendar.reserve('c', request(0, 5)), { start: 17, end: 22 }, 'the gap from 7 to 10 is too short');
  t.same(calendar.reserve('d', request(0, 2, 9)), { start: 7, end: 10 }, 'a shorter one fits the gap, cut to it');
  t.equal(calendar.reserve('e', request(0, 5, 5, 21)), undefined, 'not in time');
  t.equal(calendar.pending(8), 3, 'b has ended');
});

t.test('a key has one reservation', async (t) => {
  const calendar = new Reservations(0);
  calendar.reserve('a', request(0, 5));
  t.same(calendar.reserve('a', request(2, 5)), { start: 2, end: 7 });
  t.equal(calendar.entries().length, 1);
  calendar.release('a');
  calendar.release('nobody');
  t.equal(calendar.get('a'), undefined);
});

t.test('trimming never grows a reservation', async (t) => {
  const calendar = new Reservations(0);
  calendar.reserve('a', request(10, 10));
  t.same(calendar.trim('a', { start: 5, end: 15 }), { start: 10, end: 15 });
  t.same(calendar.trim('a', { start: 12, end: 99 }), { start: 12, end: 15 });
  t.equal(calendar.trim('a', { start: 50, end: 60 }), undefined, 'a window beside it leaves none');
  t.equal(calendar.get('a'), undefined);
  t.equal(calendar.trim('a', { start: 0, end: 1 }), undefined);
});

t.test('taking what is taken throws', async (t) => {
  const calendar = new Reservations(0);
  calendar.take('a', { start: 0, end: 5 });
  t.throws(() => calendar.take('b', { start: 4, end: 6 }), RangeError);
  calendar.take('b', { start: 5, end: 6 });
  t.equal(calendar.entries().length, 2);
});

t.test('reservations expire by themselves', async (t) => {
  const calendar = new Reservations(1000);
  t.equal(calendar.nextExpiry, forever);
  calendar.reserve('a', request(0, 5));
  calendar.reserve('b', request(0, 5));
  t.equal(calendar.nextExpiry, 1005);
  calendar.expire(1004);
  t.equal(calendar.entries().length, 2);
  calendar.expire(1005);
  t.same(
    calendar.entries().map(({ key }) => key),
    ['b'],
  );
  calendar.expire(forever);
  t.equal(calendar.nextExpiry, forever);
});

t.test('whatever is asked, no two reservations overlap', async (t) => {
  const time = fc.integer({ min: 0, max: 200 });
  const length = fc.integer({ min: 1, max: 30 });
  const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
  const step = fc.oneof(
    fc.record({ do: fc.constant('reserve' as const), key, at: time, length }),
    fc.record({ do: fc.constant('trim' as const), key, at: time, length }),
    fc.record({ do: fc.constant('release' as const), key, at: time, length }),
    fc.record({ do: fc.constant('expire' as const), key, at: time, length }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const calendar = new Reservations(10);
      for (const { do: what, key, at, length } of steps) {
        if (what === 'reserve') calendar.reserve(key, request(at, length, length * 2, at + 50));
        else if (what === 'trim') calendar.trim(key, { start: at, end: at + length });
        else if (what === 'release') calendar.release(key);
        else calendar.expire(at);
        const entries = calendar.entries();
        for (let i = 1; i < entries.length; i++) if (entries[i]!.start < entries[i - 1]!.end) return false;
        if (entries.some(({ start, end, expires }) => end <= start || expires !== end + 10)) return false;
      }
      return true;
    }),
  );
  t.pass();
});
