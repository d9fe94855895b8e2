import t from 'tap';
import {
  contentHash,
  decodeMessage,
  GeneratedContent,
  type PutFailure,
  type PutResult,
} from '../../src/replicast/index.ts';
import { Cluster, type ClusterOptions } from '../replicast/cluster.ts';
import type { Passage } from '../replicast/network.ts';

const members = (count: number) => Array.from({ length: count }, (_, i) => `t${i + 1}`);
const DELAY = 0.1;

function cluster(options: Partial<ClusterOptions> & { size?: number } = {}): Cluster {
  return new Cluster({ groups: { ng: members(options.size ?? 6) }, initiators: ['i1', 'i2'], ...options });
}

/** Loses the copies that a script picks; the rest arrives after `DELAY`. */
const losing = (lost: (passage: Passage) => boolean) => (passage: Passage) => (lost(passage) ? [] : [DELAY]);

function done(of: Cluster, id: number, initiator = 'i1'): PutResult {
  const outcome = of.initiators.get(initiator)!.outcome(id);
  if (outcome?.kind !== 'put-done') throw new Error(`not done: ${JSON.stringify(outcome)}`);
  return outcome.result;
}

function failed(of: Cluster, id: number): PutFailure {
  const outcome = of.initiators.get('i1')!.outcome(id);
  if (outcome?.kind !== 'put-failed') throw new Error(`not failed: ${JSON.stringify(outcome)}`);
  return outcome.failure;
}

const chunkOf = (bytes: number, seed = 1) => new GeneratedContent(seed).next(bytes);
const names = (of: Cluster, event: string) => of.events.filter((seen) => seen.event === event);

t.test('a chunk gets its replicas in one round, each datagram sent once', async (t) => {
  const of = cluster({ size: 9 });
  const chunk = chunkOf(1 << 20);
  const result = done(of, of.initiators.get('i1')!.put(chunk));
  t.match(result, { bytes: 1 << 20, attempts: 1, rounds: 1, sentBytes: 1 << 20, group: 'ng' });
  t.equal(result.replicas.length, 3);
  t.same(of.holders(contentHash(chunk)), result.replicas, 'and only those have it');
  t.equal(of.network.carried.get('Data'), 3 * Math.ceil((1 << 20) / 1380), 'one copy for each replica');
  t.ok(result.ms < 12.5, `1 MiB at the reserved rate, two round trips and a write: ${result.ms} ms`);
  t.same(of.violations, []);
});

t.test('what fits one datagram travels in the proposal', async (t) => {
  const of = cluster();
  const result = done(of, of.initiators.get('i1')!.put(chunkOf(900)));
  t.equal(result.replicas.length, 3);
  t.equal(of.network.carried.get('Data'), undefined);
  t.same(of.holders(result.hash), result.replicas, 'those that were not accepted do not keep it');
});

t.test('a stored chunk is not sent again', async (t) => {
  const of = cluster();
  const chunk = chunkOf(50_000);
  const first = done(of, of.initiators.get('i1')!.put(chunk));
  const sent = of.network.carried.get('Data');
  const second = done(of, of.initiators.get('i2')!.put(chunk), 'i2');
  t.same(second.replicas, first.replicas);
  t.equal(of.network.carried.get('Data'), sent);
  t.equal(second.sentBytes, 0);
  const more = done(of, of.initiators.get('i1')!.put(chunk, 5));
  t.equal(more.replicas.length, 5);
  t.equal(of.network.carried.get('Data'), sent! + 2 * Math.ceil(50_000 / 1380), 'only the two missing replicas');
});

t.test('a corrupt record does not count as a replica, and is replaced', async (t) => {
  const of = cluster({ size: 3 });
  const chunk = chunkOf(50_000);
  const { hash } = done(of, of.initiators.get('i1')!.put(chunk));
  of.disks.get('t2')!.chunks.get(hash)![77]! ^= 1;
  t.same(of.holders(hash), ['t1', 't3']);
  const again = done(of, of.initiators.get('i1')!.put(chunk));
  t.same(again.replicas, ['t1', 't2', 't3']);
  t.same(of.holders(hash), ['t1', 't2', 't3']);
  t.equal(again.sentBytes, 50_000);
});

t.test('a lost datagram is repaired alone, to the target that lacks it', async (t) => {
  const of = cluster({
    size: 3,
    fate: losing(
      ({ kind, to, index, attempt }) => kind === 'Data' && to === 'target:t2' && index === 7 && attempt === 1,
    ),
  });
  const result = done(of, of.initiators.get('i1')!.put(chunkOf(50_000)));
  t.equal(result.replicas.length, 3);
  t.equal(result.attempts, 2);
  t.equal(of.network.carried.get('Data'), 3 * 37 + 1);
  t.match(names(of, 'nacked'), [{ node: 't2', fields: { reason: 'missing', missing: 1 } }]);
  t.match(names(of, 'transfer').at(-1)?.fields, { to: ['t2'], datagrams: 1, attempt: 2, reserved: false });
});

t.test('several targets that lack the same datagram share one', async (t) => {
  const of = cluster({
    size: 3,
    fate: losing(({ kind, index, attempt }) => kind === 'Data' && (index === 7 || index === 30) && attempt === 1),
  });
  done(of, of.initiators.get('i1')!.put(chunkOf(50_000)));
  const { to, datagrams } = names(of, 'transfer').at(-1)!.fields as { to: string[]; datagrams: number };
  t.same([...to].sort(), ['t1', 't2', 't3']);
  t.equal(datagrams, 2);
});

t.test('repair of the whole chunk, when so set', async (t) => {
  const of = cluster({
    size: 3,
    settings: { repair: 'whole' },
    fate: losing(
      ({ kind, to, index, attempt }) => kind === 'Data' && to === 'target:t2' && index === 7 && attempt === 1,
    ),
  });
  const result = done(of, of.initiators.get('i1')!.put(chunkOf(50_000)));
  t.equal(result.sentBytes, 100_000);
  t.equal(of.network.carried.get('Data'), 4 * 37, 'once to all, once more to t2 only');
});

t.test('many lost datagrams are repaired under a new reservation', async (t) => {
  const of = cluster({
    size: 3,
    fate: losing(
      ({ kind, to, index, attempt }) => kind === 'Data' && to === 'target:t2' && index % 2 === 0 && attempt === 1,
    ),
  });
  const result = done(of, of.initiators.get('i1')!.put(chunkOf(400_000)));
  t.match(names(of, 'transfer').at(-1)?.fields, { to: ['t2'], datagrams: 145, reserved: true });
  t.equal(result.replicas.length, 3);
  t.same(of.violations, []);
});

t.test('a lost acknowledgement costs a question, not a transfer', async (t) => {
  const of = cluster({
    size: 3,
    fate: losing(({ kind, from, attempt }) => kind === 'ChunkAck' && from === 'target:t3' && attempt === 1),
  });
  const result = done(of, of.initiators.get('i1')!.put(chunkOf(50_000)));
  t.equal(result.replicas.length, 3);
  t.equal(result.sentBytes, 50_000);
});

t.test('a lost accept does not lose the data that follows it', async (t) => {
  const of = cluster({ size: 3, fate: losing(({ kind, to }) => kind === 'PutAccept' && to === 'target:t1') });
  const result = done(of, of.initiators.get('i1')!.put(chunkOf(50_000)));
  t.match(result, { attempts: 1, sentBytes: 50_000 });
});

t.test('a slow disk is waited for', async (t) => {
  const of = cluster({ size: 3, storeTime: (name) => (name === 't2' ? 900 : 1) });
  const result = done(of, of.initiators.get('i1')!.put(chunkOf(50_000)));
  t.equal(result.replicas.length, 3);
  t.equal(result.sentBytes, 50_000, 'asked about, not sent again');
});

t.test('a target that dies is replaced', async (t) => {
  const of = cluster({ size: 6 });
  const initiator = of.initiators.get('i1')!;
  const id = initiator.put(chunkOf(1 << 20));
  of.clock.run(() => names(of, 'transfer').length > 0, 1000);
  const [victim] = names(of, 'accepted')[0]!.fields['to'] as string[];
  of.crash(victim!);
  const result = done(of, id);
  t.equal(result.replicas.length, 3);
  t.notOk(result.replicas.includes(victim!));
});

t.test('a target that restarts in the middle is sent everything again', async (t) => {
  const of = cluster({ size: 3 });
  const id = of.initiators.get('i1')!.put(chunkOf(1 << 20));
  of.clock.run(() => (of.network.carried.get('Data') ?? 0) > 900, 1000);
  of.crash('t2');
  of.start('t2');
  const result = done(of, id);
  t.equal(result.replicas.length, 3);
  t.match(names(of, 'nacked')[0], { node: 't2', fields: { reason: 'unknown transaction' } });
  t.equal(
    names(of, 'nacked').filter(({ fields }) => fields['reason'] === 'unknown transaction').length,
    1,
    'said once, not for each datagram',
  );
});

t.test('too few members: an error that names who did not answer', async (t) => {
  const of = cluster({ size: 4 });
  for (const name of ['t2', 't4']) of.crash(name);
  const failure = failed(of, of.initiators.get('i1')!.put(chunkOf(50_000)));
  t.match(failure, { wanted: 3, stored: [], silent: ['t2', 't4'], refused: [], attempts: 5 });
  t.match(failure.message, /0 of 3 replicas in group ng; stored on none; no answer from t2 and t4; 5 failed attempts/);
  t.equal(of.network.carried.get('Data'), undefined, 'nothing was sent for nothing');
  t.ok(failure.ms < 3000, `${failure.ms} ms`);
});

t.test('what is stored when a put fails is said', async (t) => {
  // t3 receives, but nothing it says about having stored ever arrives.
  const of = cluster({ size: 3, fate: losing(({ from, payload }) => from === 'target:t3' && confirms(payload)) });
  const failure = failed(of, of.initiators.get('i1')!.put(chunkOf(50_000)));
  t.same(failure.stored, ['t1', 't2']);
  t.same(failure.silent, ['t3']);
  t.match(failure.message, /2 of 3 replicas .* stored on t1 and t2; no answer from t3/);
});

t.test('full disks refuse with a reason', async (t) => {
  const of = cluster({ size: 4 });
  for (const name of ['t1', 't2']) of.disks.get(name)!.full = true;
  const failure = failed(of, of.initiators.get('i1')!.put(chunkOf(50_000)));
  t.same(failure.refused, [
    { target: 't1', why: 'no space' },
    { target: 't2', why: 'no space' },
  ]);
  t.match(failure.message, /refused by t1 \(no space\) and t2 \(no space\)/);
  t.equal(done(of, of.initiators.get('i1')!.put(chunkOf(50_000), 2)).replicas.length, 2, 'two have room');
});

t.test('bad requests fail at once', async (t) => {
  const of = cluster({ size: 3 });
  const initiator = of.initiators.get('i1')!;
  t.match(failed(of, initiator.put(chunkOf(10), 4)).message, /the group has 3 members/);
  t.match(failed(of, initiator.put(chunkOf(10), 1, 'nowhere')).message, /there is no group "nowhere"/);
});

t.test('known dead members are not waited for', async (t) => {
  const of = cluster({ size: 5, isLive: (name) => name !== 't5' });
  of.crash('t5');
  t.ok(done(of, of.initiators.get('i1')!.put(chunkOf(50_000))).ms < 5);
  const blind = cluster({ size: 5 });
  // One more than those that need not answer.
  for (const name of ['t3', 't4', 't5']) blind.crash(name);
  const put = (seed: number) => done(blind, blind.initiators.get('i1')!.put(chunkOf(50_000, seed), 2));
  t.ok(put(1).ms > 100, 'the first deadline is the longest');
  const second = put(2);
  t.ok(second.ms > 2 && second.ms < 10, `afterwards it is 3 round trips, at least 2 ms: ${second.ms}`);
});

t.test('puts are negotiated while others are sent: the link is never idle', async (t) => {
  const of = cluster({ size: 3 });
  const initiator = of.initiators.get('i1')!;
  const ids = Array.from({ length: 6 }, (_, i) => initiator.put(chunkOf(1 << 20, i)));
  const begin = of.clock.now();
  of.clock.run(() => initiator.machine.pending === 0, 1000);
  for (const id of ids) t.equal(done(of, id).rounds, 1);
  const took = of.clock.now() - begin;
  t.ok(took < 6 * 10.5 + 3, `${took} ms for six transfers of 10.47 ms`);
  t.same(of.violations, []);
});

t.test('initiators that compete for the same targets take turns', async (t) => {
  const of = cluster({ size: 3 });
  const ids = ['i1', 'i2'].map(
    (name) => [name, of.initiators.get(name)!.put(chunkOf(1 << 20, name.charCodeAt(1)))] as const,
  );
  const results = ids.map(([name, id]) => done(of, id, name));
  t.ok(Math.max(...results.map(({ ms }) => ms)) > 20, 'the second waits for the first');
  t.same(of.violations, []);
});

t.test('a choosy initiator asks again rather than wait long', async (t) => {
  const busy = (choosy: boolean) => {
    const of = cluster({ size: 3, settings: { choosy } });
    const [first, second] = ['i1', 'i2'].map((name) => of.initiators.get(name)!);
    // The other one knows what waits are usual here: none.
    for (let i = 0; i < 5; i++) done(of, second!.put(chunkOf(20_000, i)), 'i2');
    first!.put(chunkOf(1 << 20));
    of.clock.run(() => names(of, 'accepted').length > 5, 100);
    done(of, second!.put(chunkOf(1 << 20, 9)), 'i2');
    return { asked: names(of, 'renegotiated').length, wait: second!.machine.context.maxBidWait };
  };
  const choosy = busy(true);
  t.ok(choosy.asked > 0 && choosy.asked < 8, `${choosy.asked} times, each with twice the patience`);
  t.ok(choosy.wait > 3, `and has learned that ${choosy.wait} ms is usual`);
  t.equal(busy(false).asked, 0);
});

t.test('hybrid: unicast data in successive windows', async (t) => {
  const of = cluster({ size: 6, settings: { mode: 'hybrid' } });
  const result = done(of, of.initiators.get('i1')!.put(chunkOf(1 << 20)));
  t.equal(result.replicas.length, 3);
  const transfers = names(of, 'transfer').map(({ fields }) => fields['to']);
  t.equal(transfers.length, 3);
  t.ok(
    transfers.every((to) => (to as string[]).length === 1),
    'one target each',
  );
  t.ok(result.ms > 3 * 10.4 && result.ms < 3 * 10.5 + 3, `one after the other: ${result.ms} ms`);
  t.same(of.violations, []);
});

t.test('a wrong hash is never stored', async (t) => {
  let spoiled = 0;
  const of = cluster({ size: 3 });
  of.network.alter = (copy) => {
    const message = decodeMessage(copy);
    if (typeof message === 'string' || message.kind !== 'Data' || message.attempt > 1 || spoiled > 0) return;
    spoiled++;
    copy[30]! ^= 1;
  };
  const result = done(of, of.initiators.get('i1')!.put(chunkOf(50_000)));
  t.equal(result.replicas.length, 3);
  t.equal(result.attempts, 2);
  t.match(names(of, 'nacked'), [{ fields: { reason: 'hash mismatch' } }]);
  t.same(of.violations, []);
});

t.test('a busy target says so and is asked again', async (t) => {
  const of = cluster({ size: 1, settings: { inFlight: 6 } });
  const initiator = of.initiators.get('i1')!;
  const ids = Array.from({ length: 6 }, (_, i) => initiator.put(chunkOf(8 << 20, i), 1));
  of.clock.run(() => initiator.machine.pending === 0, 10_000);
  for (const id of ids) t.equal(done(of, id).attempts, 1, 'being told to wait is no failure');
  t.ok(names(of, 'bid').some(({ fields }) => fields['why'] === 'busy'));
  t.same(of.violations, []);
});

function confirms(payload: Uint8Array): boolean {
  const message = decodeMessage(payload);
  if (typeof message === 'string') return false;
  return message.kind === 'ChunkAck' || (message.kind === 'PutBid' && message.status !== 'window');
}
