import t from 'tap';
import { contentHash, GeneratedContent, type PutResult } from '../../src/replicast/index.ts';
import { Cluster, type ClusterOptions } from '../replicast/cluster.ts';
import type { Fate } from '../replicast/network.ts';

const members = ['t1', 't2', 't3', 't4', 't5', 't6', 't7', 't8', 't9'];
const DELAY = 0.1;
/** Longer than a put of a small chunk takes. */
const LATE = 5;

/** Nine targets; the answers of some take long. */
function cluster(slow: readonly string[], options: Partial<ClusterOptions> = {}): Cluster {
  const settings = { minBidDeadline: 4 * LATE };
  return new Cluster({ groups: { ng: members }, initiators: ['i1', 'i2'], fate: delaying(slow), settings, ...options });
}

function delaying(slow: readonly string[]): Fate {
  const addresses = slow.map((name) => `target:${name}`);
  return ({ kind, from }) => [kind === 'PutBid' && addresses.includes(from) ? LATE : DELAY];
}

function put(of: Cluster, chunk: Uint8Array, replicas?: number): PutResult {
  const initiator = of.initiators.get('i1')!;
  const outcome = initiator.outcome(initiator.put(chunk, replicas));
  if (outcome?.kind !== 'put-done') throw new Error(`not done: ${JSON.stringify(outcome)}`);
  return outcome.result;
}

const chunkOf = (bytes: number, seed = 1) => new GeneratedContent(seed).next(bytes);
const early = (of: Cluster) => of.initiators.get('i1')!.machine.context.counters.get('decided by quorum');

for (const bytes of [900, 50_000]) {
  t.test(`${bytes} bytes: the answers of two of nine are not waited for, of three they are`, async (t) => {
    const two = cluster(['t1', 't2']);
    t.ok(put(two, chunkOf(bytes)).ms < LATE);
    t.equal(early(two), 1);
    two.clock.run(() => false, 10);
    t.same(two.violations, []);
    const three = cluster(['t1', 't2', 't3']);
    t.ok(put(three, chunkOf(bytes)).ms > LATE);
  });
}

t.test('what is stored is found, whoever answers first', async (t) => {
  for (const replicas of [1, 2, 3, 4]) {
    for (let seed = 1; seed <= 20; seed++) {
      const chunk = chunkOf(50_000, seed);
      const of = cluster([]);
      const { replicas: holders } = put(of, chunk, replicas);
      of.network.fate = delaying(holders);
      t.match(put(of, chunk, replicas), { sentBytes: 0, replicas: holders });
    }
  }
});

t.test('a chunk that was stored more often than is wanted now is found too', async (t) => {
  const of = cluster([]);
  const chunk = chunkOf(50_000);
  const { replicas } = put(of, chunk, 3);
  of.network.fate = delaying(replicas);
  t.match(put(of, chunk, 5), { sentBytes: 50_000, replicas: { length: 5 } }, 'two replicas are added');
  t.equal(of.holders(contentHash(chunk)).length, 5);
});

t.test('where one has the chunk, those who may have it too are waited for', async (t) => {
  const of = cluster([]);
  const chunk = chunkOf(50_000);
  const [holder] = put(of, chunk, 1).replicas;
  of.network.fate = delaying(members.filter((name) => name !== holder).slice(0, 2));
  t.ok(put(of, chunk).replicas.includes(holder!));
  t.equal(of.holders(contentHash(chunk)).length, 3);
});

t.test('a window that is not free at once is compared with those of all', async (t) => {
  const of = cluster(['t1', 't2']);
  const [i1, i2] = [of.initiators.get('i1')!, of.initiators.get('i2')!];
  const first = [1, 2].map((seed) => i1.put(chunkOf(1 << 20, seed), 7));
  const second = i2.put(chunkOf(1 << 20, 3), 3);
  for (const id of first) t.equal(i1.outcome(id)?.kind, 'put-done');
  t.equal(i2.outcome(second)?.kind, 'put-done');
  t.equal(i2.machine.context.counters.get('decided by quorum'), 0);
  t.same(of.violations, []);
});

t.test('a busy disk is compared with those of all', async (t) => {
  const of = cluster(['t1', 't2'], { storeTime: () => 50 });
  const [i1, i2] = [of.initiators.get('i1')!, of.initiators.get('i2')!];
  const first = i1.put(chunkOf(50_000, 1), 7);
  of.clock.run(() => false, 10);
  const second = i2.put(chunkOf(50_000, 2), 7);
  t.equal(i1.outcome(first)?.kind, 'put-done');
  t.equal(i2.outcome(second)?.kind, 'put-done');
  t.equal(early(of), 1);
  t.equal(i2.machine.context.counters.get('decided by quorum'), 0, 'five of the seven are writing');
});

t.test('the round trip is known from the last answer, even if that comes after the put', async (t) => {
  const once = delaying(['t1', 't2']);
  // One of those that are waited for answers early, and three times.
  const fate: Fate = (copy) => (copy.kind === 'PutBid' && copy.from === 'target:t1' ? [1, 1.1, 1.2] : once(copy));
  const of = cluster([], { fate });
  put(of, chunkOf(900));
  const { context } = of.initiators.get('i1')!.machine;
  t.equal(context.roundTrip('ng'), undefined);
  of.clock.run(() => false, LATE);
  t.ok(Math.abs(context.roundTrip('ng')! - (LATE + DELAY)) < 0.01, `${context.roundTrip('ng')}`);
});
