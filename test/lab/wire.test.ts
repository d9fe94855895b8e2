import t from 'tap';
import type { Counters } from '../../lab/links/impairments.ts';
import type { Sighting } from '../../lab/observe/sighting.ts';
import { startProgram, users } from './fixtures/programs.ts';

interface Crossing {
  id: string;
  sentAt: number;
  /** When it came out of the wire, as often as it did. */
  arrivedAt: number[];
  /** Whether the host it was sent to got it. */
  delivered: number;
}

/** Runs the fixture; for each round of datagrams, what became of each in the wire. */
async function run(user: readonly string[], count: number, trunk: string, ...changes: object[]) {
  const program = startProgram('wired.ts', user, [
    String(count),
    trunk,
    ...changes.map((change) => JSON.stringify(change)),
  ]);
  const { code, lines, stderr } = await program.result();
  if (code !== 0) throw new Error(stderr);
  const { counters, missed, refused, sightings } = lines.pop() as {
    counters: Counters;
    missed: number;
    refused: string;
    sightings: Sighting[];
  };
  const rounds = (lines as { id: string }[][]).map((sent) =>
    sent.map(({ id }): Crossing => {
      const seen = sightings.filter((sighting) => sighting.id === id);
      const at = (end: string) => seen.filter((sighting) => sighting.end === end).map(({ time }) => time);
      return { id, sentAt: at('west>core')[0]!, arrivedAt: at('core>west'), delivered: at('c>east').length };
    }),
  );
  return { rounds, counters, missed, refused, damaged: sightings.filter(({ end }) => end === 'core>west').length };
}

for (const [name, user] of Object.entries(users)) {
  t.test(`as ${name}: a wire delays what crosses it, in order, and never less than declared`, async (t) => {
    const { rounds, counters, missed, refused } = await run(user, 200, 'delay: 5ms, rate: 100mbit');
    const [crossings] = rounds as [Crossing[]];
    t.ok(
      crossings.every(({ arrivedAt, delivered }) => arrivedAt.length === 1 && delivered === 1),
      'each crosses once',
    );
    // A frame of 1130 bytes takes 0.09 ms at 100 Mbit/s. Clocks are compared to within a microsecond or so.
    const over = crossings.map(({ sentAt, arrivedAt }) => arrivedAt[0]! - sentAt - 5 - 0.0904).sort((a, b) => a - b);
    t.ok(over[0]! > -0.005, `the fastest took ${over[0]} ms more than declared`);
    t.ok(over[0]! < 5, 'and no other delay');
    t.same(
      [...crossings].sort((a, b) => a.arrivedAt[0]! - b.arrivedAt[0]!).map(({ id }) => id),
      crossings.map(({ id }) => id),
    );
    t.equal(missed, 0);
    t.match(counters, { lost: 0, overflowed: 0, duplicated: 0, refused: 0 });
    t.equal(refused, 'RangeError: no wire goes from core to nowhere');
  });
}

t.test('rules: exactly the datagram that is named', async (t) => {
  const rules = ['drop', 'duplicate', 'corrupt'].map(
    (action, i) => `{ ${action}: { toward: core, kind: Data, index: 7, attempt: ${i + 1} } }`,
  );
  // Each round is another attempt.
  const { rounds, counters } = await run([], 20, `rules: [${rules.join(', ')}]`, {}, {}, {});
  const [dropped, doubled, corrupted, untouched] = rounds.map((round) =>
    round.map(({ arrivedAt }) => arrivedAt.length),
  );
  const others = Array(20).fill(1);
  t.same(dropped, others.with(7, 0));
  t.same(doubled, others.with(7, 2));
  t.same(
    rounds[1]!.map(({ delivered }) => delivered),
    others.with(7, 2),
    'both copies arrive at the host',
  );
  t.same(corrupted, others.with(7, 0), 'it is not itself any more');
  t.same(untouched, others);
  t.equal(counters.ruled, 3);
});

t.test('a change while it runs keeps what it does not name', async (t) => {
  const { rounds, counters } = await run([], 50, 'delay: 3ms', { loss: 1 }, { loss: null }, { delay: 1, duplicate: 1 });
  const least = (round: Crossing[]) => Math.min(...round.map(({ sentAt, arrivedAt }) => arrivedAt[0]! - sentAt));
  const [first, second, third, fourth] = rounds as [Crossing[], Crossing[], Crossing[], Crossing[]];
  t.ok(first.every(({ arrivedAt }) => arrivedAt.length === 1));
  t.ok(second.every(({ arrivedAt }) => arrivedAt.length === 0));
  t.ok(third.every(({ arrivedAt }) => arrivedAt.length === 1));
  t.ok(least(third) > 2.99, `the delay is still there: ${least(third)} ms`);
  t.ok(fourth.every(({ arrivedAt }) => arrivedAt.length === 2));
  t.ok(least(fourth) > 0.99 && least(fourth) < 3, `the delay is another: ${least(fourth)} ms`);
  // With each round go two frames that are no datagrams.
  t.match(counters, { frames: 4 * 52, lost: 52, duplicated: 52 });
});
