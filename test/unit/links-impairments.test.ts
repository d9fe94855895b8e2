import fc from 'fast-check';
import t from 'tap';
import { type Delivery, Impairments } from '../../lab/links/impairments.ts';
import { type Chance, Fate, Question } from '../../lab/links/impairments-chance.ts';
import type { LinkProperties } from '../../lab/topology/index.ts';

/** Chance that answers each question with a given number, others with "no". */
const says =
  (answers: Partial<Record<Question, number>>): Chance =>
  (question) =>
    answers[question] ?? 0.999_999;
const never = says({});
const times = (deliveries: readonly Delivery[]) => deliveries.map(({ at }) => at);

t.test('without properties a frame is there at once', async (t) => {
  t.same(new Impairments({}).accept(5, 1514, never), [{ at: 5 }]);
});

t.test('rate: frames leave one after another, and arrive after the delay', async (t) => {
  const link = new Impairments({ rate: 8_000_000, delay: 10 }); // a byte takes 1 µs
  t.same(times(link.accept(0, 1000, never)), [11]);
  t.same(times(link.accept(0, 500, never)), [11.5], 'it waits for the first');
  t.same(times(link.accept(100, 1000, never)), [111], 'the link was idle');
});

t.test('queue: what does not fit is dropped, by bytes, and room comes back with time', async (t) => {
  const link = new Impairments({ rate: 8_000_000, queue: 3000 });
  const taken = () => link.accept(0, 1000, never).length;
  t.same([taken(), taken(), taken(), taken()], [1, 1, 1, 0]);
  t.equal(link.accept(0.4, 600, never).length, 0);
  t.equal(link.accept(0.6, 600, never).length, 1);
  t.match(link.counters, { frames: 6, bytes: 5200, overflowed: 2, lost: 0 });
});

t.test('queue: by default 50 ms at the rate, and never less than 16 full frames', async (t) => {
  const capacity = (properties: LinkProperties, size: number) => {
    const link = new Impairments(properties);
    let count = 0;
    while (link.accept(0, size, never).length > 0) count++;
    return count;
  };
  t.equal(capacity({ rate: 8_000_000 }, 1000), 50);
  t.equal(capacity({ rate: 8_000 }, 1514), 16);
  t.equal(capacity({ rate: 8_000, mtu: 9000 }, 9014), 16);
});

t.test('chance: lost, doubled, damaged, overtaking', async (t) => {
  const link = () => new Impairments({ delay: 10, loss: 0.1, duplicate: 0.1, corrupt: 0.1, reorder: 0.1 });
  t.same(link().accept(0, 100, says({ [Question.Loss]: 0.099 })), []);
  t.same(times(link().accept(0, 100, says({ [Question.Loss]: 0.1 }))), [10], 'the bound is not in it');
  t.same(times(link().accept(0, 100, says({ [Question.Duplicate]: 0 }))), [10, 10]);
  t.same(times(link().accept(0, 100, says({ [Question.Reorder]: 0 }))), [0]);
  t.same(link().accept(0, 100, says({ [Question.Corrupt]: 0, [Question.Place]: 0.5 })), [
    { at: 10, damage: { place: 0.5, bit: 0 } },
  ]);
  const counted = link();
  counted.accept(0, 100, says({ [Question.Loss]: 0 }));
  counted.accept(0, 100, says({ [Question.Corrupt]: 0, [Question.Duplicate]: 0 }));
  t.match(counted.counters, { frames: 2, lost: 1, corrupted: 1, duplicated: 1 });
});

t.test('jitter: around the delay, never before the frame was sent; in order unless declared otherwise', async (t) => {
  const at = (jitter: number, jitterReorder: boolean) => {
    const link = new Impairments({ delay: 10, jitter, jitterReorder });
    return [1, 0.5, 0].flatMap((value, i) => times(link.accept(i, 100, says({ [Question.Jitter]: value }))));
  };
  t.same(at(4, true), [14, 11, 8]);
  t.same(at(4, false), [14, 14, 14]);
  t.same(at(20, true)[2], 2, 'a frame takes no negative time');
});

t.test('a change keeps what it does not name, and takes back what it says is null', async (t) => {
  const link = new Impairments({ rate: 8_000_000, delay: 10, loss: 0.5 });
  link.change({ delay: 20, loss: null, jitter: undefined }, 0);
  t.same(link.properties, { rate: 8_000_000, delay: 20 });
  t.same(times(link.accept(0, 1000, says({ [Question.Loss]: 0 }))), [21]);
});

t.test('a change of the rate: what waits leaves at the new one', async (t) => {
  const link = new Impairments({ rate: 8_000_000 });
  link.accept(0, 1000, never);
  link.accept(0, 1000, never); // 2000 bytes wait, until 2 ms
  link.change({ rate: 80_000_000 }, 1); // the second half leaves in 0.1 ms
  t.same(times(link.accept(1, 1000, never)), [2], 'but does not overtake what was under way');
  t.same(times(link.accept(5, 1000, never)), [5.1]);
  link.change({ rate: null }, 5);
  t.same(times(link.accept(5, 1000, never)), [5.1]);
  t.same(times(link.accept(6, 1000, never)), [6]);
});

t.test('rules act in place of chance', async (t) => {
  const link = () => new Impairments({ delay: 10, loss: 1 });
  t.same(link().accept(0, 100, never, { action: 'drop' }), []);
  t.same(times(link().accept(0, 100, never, { action: 'duplicate' })), [10, 10]);
  t.match(link().accept(0, 100, never, { action: 'corrupt' }), [{ at: 10, damage: {} }]);
  const delayed = new Impairments({ delay: 10 });
  t.same(times(delayed.accept(0, 100, never, { action: 'delay', by: 5 })), [15]);
  t.same(times(delayed.accept(0, 100, never)), [10], 'the next does not wait for it');
  t.match(delayed.counters, { frames: 2, ruled: 1 });
});

const properties: fc.Arbitrary<LinkProperties> = fc.record(
  {
    rate: fc.integer({ min: 8_000, max: 1e9 }),
    delay: fc.double({ min: 0, max: 100, noNaN: true }),
    jitter: fc.double({ min: 0, max: 50, noNaN: true }),
    jitterReorder: fc.boolean(),
    loss: fc.constantFrom(0, 0.2),
    duplicate: fc.constantFrom(0, 0.2),
    queue: fc.integer({ min: 0, max: 20_000 }),
  },
  { requiredKeys: [] },
);

t.test('whatever the properties: nothing arrives too early, everything is accounted for, order is kept', async (t) => {
  const frames = fc.array(
    fc.record({ wait: fc.double({ min: 0, max: 3, noNaN: true }), bytes: fc.integer({ min: 60, max: 1514 }) }),
    {
      maxLength: 80,
    },
  );
  const result = fc.check(
    fc.property(properties, properties, frames, fc.nat(), (first, second, frames, seed) => {
      const link = new Impairments(first);
      const fate = new Fate(seed, 'a>b');
      let now = 0;
      let arrivals = 0;
      let last = 0;
      for (const [i, { wait, bytes }] of frames.entries()) {
        now += wait;
        if (i === 40) link.change(second, now);
        const { rate, delay = 0, jitter = 0, jitterReorder } = link.properties;
        const deliveries = link.accept(now, bytes, fate.of(undefined));
        arrivals += deliveries.length;
        const least = now + (rate === undefined ? 0 : (bytes * 8000) / rate) + Math.max(0, delay - jitter);
        for (const { at } of deliveries) {
          if (at < least - 1e-6) return false;
          if (!jitterReorder && at < last) return false;
          if (!jitterReorder) last = at;
        }
      }
      const { frames: came, lost, overflowed, duplicated } = link.counters;
      return came === frames.length && arrivals === came - lost - overflowed + duplicated;
    }),
    { numRuns: 300 },
  );
  t.notOk(result.failed, fc.defaultReportMessage(result) ?? 'every case holds');
});

t.test('loss is what is declared, within the 99.9% interval of 100,000 datagrams', async (t) => {
  const count = 100_000;
  for (const [loss, seed, direction] of [
    [0.001, 1, 'a>b'],
    [0.01, 2, 'a>b'],
    [0.1, 1, 'b>a'],
  ] as const) {
    const link = new Impairments({ loss });
    const fate = new Fate(seed, direction);
    for (let i = 0; i < count; i++) link.accept(i, 100, fate.of(i.toString(16).padStart(16, '0')));
    const deviation = Math.abs(link.counters.lost - count * loss);
    t.ok(deviation <= 3.29 * Math.sqrt(count * loss * (1 - loss)), `${loss}: ${link.counters.lost} lost`);
  }
});

t.test('the same seed decides alike about the same datagrams, whatever comes between them', async (t) => {
  const lost = (seed: number, direction: string, between: number) => {
    const fate = new Fate(seed, direction);
    return Array.from({ length: 1000 }, (_, i) => {
      for (let n = 0; n < between; n++) fate.of(undefined);
      return fate.of(`datagram ${i}`)(Question.Loss) < 0.1;
    });
  };
  t.same(lost(7, 'a>b', 0), lost(7, 'a>b', 3));
  t.strictNotSame(lost(7, 'a>b', 0), lost(8, 'a>b', 0));
  t.strictNotSame(lost(7, 'a>b', 0), lost(7, 'b>a', 0));
  const twice = new Fate(7, 'a>b');
  const fates = Array.from({ length: 200 }, () => twice.of('again and again')(Question.Loss) < 0.5);
  t.ok(fates.includes(true) && fates.includes(false), 'a datagram that is sent again has another chance');
});
