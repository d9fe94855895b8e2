import t from 'tap';
import { BufferPool, reassemblies } from '../../src/pmu/index.ts';
import {
  contentHash,
  decodeMessage,
  GeneratedContent,
  type GetFailure,
  type GetResult,
  groupOf,
  groupsToAsk,
  type Message,
  replicastSettings,
  Target,
} from '../../src/replicast/index.ts';
import { Cluster, type ClusterOptions } from '../replicast/cluster.ts';
import type { Passage } from '../replicast/network.ts';

const DELAY = 0.1;
const chunkOf = (bytes: number, seed = 1) => new GeneratedContent(seed).next(bytes);

/** A cluster in which some targets hold a chunk already. */
function holding(chunk: Uint8Array, holders: string[], options: Partial<ClusterOptions> = {}): Cluster {
  const of = new Cluster({
    groups: { ng: ['t1', 't2', 't3', 't4', 't5', 't6'] },
    initiators: ['i1', 'i2'],
    ...options,
  });
  for (const name of holders) of.disks.get(name)!.chunks.set(contentHash(chunk), new Uint8Array(chunk));
  return of;
}

const losing = (lost: (passage: Passage) => boolean) => (passage: Passage) => (lost(passage) ? [] : [DELAY]);

function got(of: Cluster, chunk: Uint8Array, initiator = 'i1'): GetResult {
  const id = of.initiators.get(initiator)!.get(contentHash(chunk));
  const outcome = of.initiators.get(initiator)!.outcome(id);
  if (outcome?.kind !== 'get-done') throw new Error(`not got: ${JSON.stringify(outcome)}`);
  if (contentHash(outcome.chunk) !== contentHash(chunk)) throw new Error('wrong bytes');
  outcome.release();
  return outcome.result;
}

function notGot(of: Cluster, chunk: Uint8Array): GetFailure {
  const id = of.initiators.get('i1')!.get(contentHash(chunk));
  const outcome = of.initiators.get('i1')!.outcome(id);
  if (outcome?.kind !== 'get-failed') throw new Error(`got: ${JSON.stringify(outcome)}`);
  return outcome.failure;
}

t.test('one bidder sends, each datagram once', async (t) => {
  const chunk = chunkOf(1 << 20);
  const of = holding(chunk, ['t2', 't3', 't5']);
  const result = got(of, chunk);
  t.match(result, { bytes: 1 << 20, attempts: 1, group: 'ng' });
  t.equal(of.network.carried.get('GetData'), Math.ceil((1 << 20) / 1380));
  t.ok(result.ms < 12, `${result.ms} ms`);
  t.same(of.violations, []);
});

t.test('what fits one datagram comes with the bid', async (t) => {
  const chunk = chunkOf(1000);
  const of = holding(chunk, ['t4']);
  t.match(got(of, chunk), { from: 't4', bytes: 1000 });
  t.equal(of.network.carried.get('GetData'), undefined);
  t.equal(of.network.carried.get('GetAccept'), undefined);
});

t.test('the best bidder is the one that is free first', async (t) => {
  const chunk = chunkOf(1 << 20);
  const other = chunkOf(1 << 20, 2);
  const of = holding(chunk, ['t1', 't2']);
  of.disks.get('t1')!.chunks.set(contentHash(other), other);
  of.initiators.get('i2')!.get(contentHash(other));
  of.clock.run(() => (of.network.carried.get('GetData') ?? 0) > 10, 100);
  t.equal(got(of, chunk).from, 't2', 't1 is sending something else');
});

t.test('lost datagrams are asked for again, and only those', async (t) => {
  const chunk = chunkOf(100_000);
  const lost = new Set([3, 4, 50]);
  const of = holding(chunk, ['t1'], {
    fate: losing(({ kind, index, attempt }) => kind === 'GetData' && attempt === 1 && lost.has(index)),
  });
  t.match(got(of, chunk), { from: 't1' });
  t.equal(of.network.carried.get('GetData'), 73 + 3);
});

t.test('however slowly what was lost comes, it is asked for once', async (t) => {
  const chunk = chunkOf(500_000);
  for (const capacity of [1e7, 1e8, 1e9]) {
    for (const lost of [1, 60, 100]) {
      const of = holding(chunk, ['t1'], {
        settings: { capacity },
        fate: losing(
          ({ kind, index, attempt }) => kind === 'GetData' && attempt === 1 && index > 9 && index < 10 + lost,
        ),
      });
      got(of, chunk);
      t.equal(of.network.carried.get('GetData'), 363 + lost, `${lost} lost at ${capacity} bit/s`);
      t.equal(of.initiators.get('i1')!.machine.context.counters.get('get repairs'), 1);
    }
  }
});

t.test('a lost end is asked for again', async (t) => {
  const chunk = chunkOf(100_000);
  const of = holding(chunk, ['t1'], {
    fate: losing(({ kind, index, attempt }) => kind === 'GetData' && attempt === 1 && index >= 20),
  });
  got(of, chunk);
  t.equal(of.network.carried.get('GetData'), 73 + 53);
});

t.test('a bidder that falls silent is replaced, and what it sent is not sent again', async (t) => {
  const chunk = chunkOf(1 << 20);
  const of = holding(chunk, ['t1', 't2']);
  const initiator = of.initiators.get('i1')!;
  const id = initiator.get(contentHash(chunk));
  of.clock.run(() => (of.network.carried.get('GetData') ?? 0) >= 300, 100);
  const [winner] = of.events.filter(({ event }) => event === 'accepted').map(({ fields }) => fields['from']);
  of.crash(winner as string);
  const outcome = initiator.outcome(id);
  t.equal(outcome?.kind, 'get-done');
  t.not(outcome?.kind === 'get-done' && outcome.result.from, winner);
  t.ok(of.network.carried.get('GetData')! < 760 + 20, `${of.network.carried.get('GetData')} datagrams in all`);
});

t.test('a sender that is given up stops, and an accept that comes twice is one', async (t) => {
  const chunk = chunkOf(100_000);
  const hash = contentHash(chunk);
  const of = { txn: 7, attempt: 1, group: 'ng' };
  const request: Message = { kind: 'GetRequest', ...of, hash, notBefore: 0, patience: 1 };
  const accept: Message = { kind: 'GetAccept', ...of, winner: 't1', start: 0, length: 10, rate: 1e9 };
  const sending = () => {
    const target = new Target({
      name: 't1',
      settings: replicastSettings(),
      membership: { members: () => ['t1', 't2'], partitions: ['ng'], targetAt: () => undefined },
      store: { length: () => chunk.length, hasRoom: () => true },
      createReassembly: reassemblies(new BufferPool()),
      maxPayload: () => 1400,
    });
    let now = 0;
    const take = (message: Message) => target.handle({ kind: 'message', source: 'i1', message }, now++);
    const kinds = (message: Message) => take(message).map(({ kind }) => kind);
    take(request);
    t.same(kinds(accept), ['read']);
    t.same(kinds(accept), [], 'it is being read');
    const [, transfer] = target.handle({ kind: 'read', purpose: 'get', key: 'i1/7', chunk }, now++);
    t.equal(transfer?.kind, 'transfer');
    t.same(kinds(accept), [], 'it is being sent');
    return { kinds, take, transfer: transfer?.kind === 'transfer' ? transfer.transfer.id : '' };
  };
  for (const message of [
    { ...accept, attempt: 2, winner: 't2' },
    { ...accept, attempt: 2, missing: Uint8Array.of(7) },
    { ...request, attempt: 2 },
  ]) {
    const { take, kinds, transfer } = sending();
    t.match(take(message)[0], { kind: 'stop', transfer });
    t.notOk(kinds({ ...message, attempt: 3 }).includes('stop'), 'there is nothing left to stop');
  }
});

t.test('a corrupt record is not served, another replica is', async (t) => {
  const chunk = chunkOf(1 << 20);
  const of = holding(chunk, ['t1', 't2', 't3']);
  for (const name of ['t1', 't3']) of.disks.get(name)!.chunks.get(contentHash(chunk))![1000]! ^= 1;
  t.equal(got(of, chunk).from, 't2');
  const small = chunkOf(100, 3);
  for (const name of ['t1', 't2']) of.disks.get(name)!.chunks.set(contentHash(small), new Uint8Array(small));
  of.disks.get('t1')!.chunks.get(contentHash(small))![1]! ^= 1;
  t.equal(got(of, small).from, 't2', 'nor in a bid');
});

t.test('bytes that were damaged on the way never reach the caller', async (t) => {
  const chunk = chunkOf(100_000);
  const of = holding(chunk, ['t1', 't2']);
  let spoiled = 0;
  of.network.alter = (copy) => {
    const message = decodeMessage(copy);
    if (typeof message === 'string' || message.kind !== 'GetData' || spoiled > 0) return;
    spoiled++;
    copy[100]! ^= 4;
  };
  got(of, chunk);
  t.equal(of.initiators.get('i1')!.machine.context.counters.get('wrong content'), 1);
});

t.test('not found: everybody was asked, at once', async (t) => {
  const chunk = chunkOf(10);
  const failure = notGot(holding(chunk, []), chunk);
  t.same(failure.asked, ['t1', 't2', 't3', 't4', 't5', 't6']);
  t.same(failure.notFound, failure.asked);
  t.same(failure.silent, []);
  t.match(failure.message, /^chunk not found: [0-9a-f]{64}; asked t1, t2, t3, t4, t5 and t6; .* do not have it$/);
  t.ok(failure.ms < 1, 'no reason to ask twice');
});

t.test('not found: those that had it are gone', async (t) => {
  const chunk = chunkOf(100_000);
  const of = holding(chunk, ['t1', 't2', 't3']);
  for (const name of ['t1', 't2', 't3']) of.crash(name);
  const failure = notGot(of, chunk);
  t.same(failure.notFound, ['t4', 't5', 't6']);
  t.same(failure.silent, ['t1', 't2', 't3']);
  t.match(failure.message, /no answer from t1, t2 and t3/);
  t.equal(failure.attempts, 5);
});

t.test('a chunk that was put into another group is found there', async (t) => {
  const groups = { ng1: ['t1', 't2'], ng2: ['u1', 'u2'], ng3: ['v1', 'v2'] };
  const chunk = chunkOf(50_000);
  const hash = contentHash(chunk);
  const home = groupOf(hash, Object.keys(groups));
  for (const group of Object.keys(groups) as (keyof typeof groups)[]) {
    const of = holding(chunk, [groups[group][0]!], { groups });
    t.equal(got(of, chunk).group, group);
    t.equal(of.network.carried.get('GetRequest')! > 2, group !== home, 'the likely group is asked first');
  }
  t.same(groupsToAsk(hash, ['a', 'b'], 'c').length, 3);
  t.equal(groupsToAsk(hash, ['a', 'b'], 'c')[0], 'c');
  t.same(groupsToAsk(hash, ['a', 'b'], 'a').length, 2, 'nobody is asked twice');
});

t.test('several gets share the link', async (t) => {
  const chunks = [1, 2, 3, 4, 5, 6].map((seed) => chunkOf(1 << 20, seed));
  const of = holding(chunks[0]!, []);
  for (const chunk of chunks) {
    for (const name of ['t1', 't2', 't3']) of.disks.get(name)!.chunks.set(contentHash(chunk), chunk);
  }
  const initiator = of.initiators.get('i1')!;
  const begin = of.clock.now();
  for (const chunk of chunks) initiator.get(contentHash(chunk));
  of.clock.run(() => initiator.machine.pending === 0, 1000);
  const took = of.clock.now() - begin;
  for (const outcome of initiator.outcomes.values()) t.equal(outcome.kind, 'get-done');
  t.ok(took > 6 * 10.4 && took < 6 * 10.4 + 10, `${took} ms for six transfers of 10.47 ms over one link`);
  t.same(of.violations, []);
});
