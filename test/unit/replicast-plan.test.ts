import t from 'tap';
import { bitmapOf } from '../../src/replicast/bitmap.ts';
import { fanOut, worstFanOut, type Zones } from '../../src/replicast/fan-out.ts';
import { contentHash, Reservations } from '../../src/replicast/index.ts';
import {
  type Candidate,
  commonStart,
  type PlanRequest,
  planHybrid,
  planMulticast,
} from '../../src/replicast/initiator/plan.ts';
import { byLacking, planRest } from '../../src/replicast/initiator/plan-rest.ts';
import { preference } from '../../src/replicast/initiator/put-bid.ts';

/** 1000 bits at 1000 bit/s: transfers of 1000 ms at rate 1. */
const candidate = (name: string, start: number, end: number, rate = 1, queue = 0): Candidate => ({
  name,
  start,
  end,
  rate,
  queue,
  preference: -name.charCodeAt(1),
});
const request = (candidates: Candidate[], needed: number, more: Partial<PlanRequest> = {}): PlanRequest => ({
  candidates,
  needed,
  now: 0,
  expected: 1,
  linkRate: () => 1,
  slowness: 1,
  uplink: new Reservations(0),
  duration: (_, rate) => 1000 / rate,
  ...more,
});

t.test('the earliest window that enough targets share', async (t) => {
  const offers = [candidate('t1', 0, 1400), candidate('t2', 300, 1700), candidate('t3', 900, 2300)];
  t.same(planMulticast(request(offers, 1)), { members: ['t1'], window: { start: 0, end: 1000 }, rate: 1 });
  t.match(planMulticast(request(offers, 2)), { members: ['t1', 't2'], window: { start: 300, end: 1300 } });
  t.equal(planMulticast(request(offers, 3)), undefined, 't1 is over before t3 begins');
  t.equal(commonStart(offers, 3), 900, 'so that is what to ask for');
});

t.test("the initiator's own link has to be free as well", async (t) => {
  const uplink = new Reservations(0);
  uplink.take('other', { start: 0, end: 250 });
  const offers = [candidate('t1', 0, 1400), candidate('t2', 0, 1400)];
  t.match(planMulticast(request(offers, 2, { uplink })), { window: { start: 250, end: 1250 } });
  uplink.take('another', { start: 900, end: 1900 });
  t.equal(planMulticast(request(offers, 2, { uplink })), undefined);
});

t.test('slow targets are left out when that ends earlier', async (t) => {
  const offers = [candidate('t1', 0, 20_000, 0.1), candidate('t2', 100, 20_000), candidate('t3', 100, 20_000)];
  t.match(planMulticast(request(offers, 2)), { members: ['t2', 't3'], rate: 1 });
  t.match(planMulticast(request(offers, 3)), { rate: 0.1, window: { start: 100, end: 10_100 } });
});

t.test('equals: the emptier queue, then the preference', async (t) => {
  const offers = [candidate('t1', 0, 2000, 1, 3), candidate('t2', 0, 2000), candidate('t3', 0, 2000)];
  t.same(planMulticast(request(offers, 2))?.members, ['t2', 't3']);
  offers[2]!.preference = 1;
  t.same(planMulticast(request(offers, 1))?.members, ['t3']);
});

t.test('a transfer takes less than its window was asked for when the copies are fewer', async (t) => {
  const offers = [candidate('t1', 0, 4000), candidate('t2', 0, 4000)];
  const shared = { expected: 0.5, linkRate: (names: readonly string[]) => 1 / names.length };
  t.match(planMulticast(request(offers, 2, shared)), { rate: 0.5, window: { start: 0, end: 2000 } });
  t.match(planMulticast(request(offers, 1, shared)), { rate: 1, window: { start: 0, end: 1000 } });
});

t.test('a slow host plans longer windows but paces as fast as it may', async (t) => {
  const offers = [candidate('t1', 0, 4000)];
  const slow = { expected: 0.5, slowness: 2 };
  t.match(planMulticast(request(offers, 1, slow)), { rate: 1, window: { start: 0, end: 2000 } });
});

t.test('hybrid: one window after the other', async (t) => {
  const offers = [candidate('t1', 0, 3300), candidate('t2', 0, 3300), candidate('t3', 500, 3800)];
  const plan = planHybrid(request(offers, 3))!;
  t.same(
    plan.map(({ members, window }) => [members, window.start, window.end]),
    [
      [['t1'], 0, 1000],
      [['t2'], 1000, 2000],
      [['t3'], 2000, 3000],
    ],
    'adjacent',
  );
  t.equal(planHybrid(request([candidate('t1', 0, 1100), candidate('t2', 0, 1100)], 2)), undefined);
});

t.test('who lacks what: each datagram once, those that most lack first', async (t) => {
  const missing = new Map([
    ['t1', bitmapOf([2, 5], 6)],
    ['t2', undefined],
    ['t3', bitmapOf([5], 6)],
  ]);
  t.same(byLacking(missing, 6), [
    { members: ['t1', 't2', 't3'], indices: [5] },
    { members: ['t1', 't2'], indices: [2] },
    { members: ['t2'], indices: [0, 1, 3, 4] },
  ]);
  t.same(byLacking(new Map([['t1', bitmapOf([], 6)]]), 6), []);
});

t.test('the rest of a chunk: one transfer, each target in its window as long as it lacks something', async (t) => {
  const time = (datagrams: number, rate: number) => (datagrams * 100) / rate;
  const half = { ...candidate('t1', 0, 600), missing: bitmapOf([5, 6, 7, 8, 9], 10) };
  const plan = (candidates: Candidate[], needed = 2, more: Partial<PlanRequest> = {}) =>
    planRest(request(candidates, needed, more), 10, time);
  const whole = candidate('t2', 0, 1000);
  t.same(plan([whole, half]), { members: ['t1', 't2'], window: { start: 0, end: 1000 }, rate: 1 });
  t.equal(plan([whole, { ...half, end: 400 }]), undefined, 't1 is gone before it has its half');
  t.equal(plan([candidate('t2', 0, 900), half]), undefined, 't2 before it has all');
  t.match(plan([candidate('t2', 50, 1100), half]), { window: { start: 50, end: 1050 } }, 'when both are free');
  t.same(plan([whole, candidate('t3', 0, 1000), half], 1)?.members, ['t1'], 'who lacks least is chosen');
  const copies = { linkRate: (names: readonly string[]) => 1 / names.length };
  t.match(plan([candidate('t2', 0, 2000), { ...half, end: 2000 }], 2, copies), { rate: 0.5, window: { end: 2000 } });
  const uplink = new Reservations(0);
  uplink.take('other', { start: 0, end: 80 });
  t.equal(plan([whole, half], 2, { uplink }), undefined, 'the own link is busy too long');
  t.match(plan([candidate('t2', 0, 1080), half], 2, { uplink }), { window: { start: 80, end: 1080 } });
});

const zones = (more: Partial<Zones> = {}): Zones => ({
  own: 'a',
  of: (target) => target[0]!,
  isNative: () => false,
  relay: true,
  vias: [],
  ...more,
});

t.test('how many copies one host sends', async (t) => {
  t.equal(fanOut(undefined, ['a1', 'a2']), 1);
  t.equal(fanOut(zones(), ['a1', 'a2', 'a3']), 3, 'its own zone: one each');
  t.equal(fanOut(zones({ isNative: (zone) => zone === 'a' }), ['a1', 'a2', 'a3']), 1, 'unless it is native');
  t.equal(fanOut(zones(), ['b1', 'c1', 'd1']), 3, 'one for each zone');
  t.equal(fanOut(zones(), ['b1', 'b2', 'b3']), 2, 'the relay serves the two others');
  t.equal(fanOut(zones({ relay: false }), ['b1', 'b2', 'b3']), 3, 'without relays the sender serves all');
  const vias = [{ from: 'a', to: 'c', via: 'b' }];
  t.equal(fanOut(zones({ vias }), ['b1', 'c1']), 1, 'c rides on the copy for b');
  t.equal(fanOut(zones({ vias }), ['d1', 'c1']), 2, 'unless nobody in b is addressed');
  t.equal(fanOut(zones({ vias }), ['b1', 'b2', 'c1']), 2, 'the relay in b serves b2 and c1');
});

t.test('the worst that may be chosen', async (t) => {
  const names = ['a1', 'a2', 'b1', 'b2', 'b3', 'b4', 'c1'];
  const choices = (count: number, from = names): string[][] =>
    count === 0
      ? [[]]
      : from.flatMap((name, i) => choices(count - 1, from.slice(i + 1)).map((rest) => [name, ...rest]));
  for (const of of [zones(), zones({ relay: false }), zones({ isNative: (zone) => zone === 'b' })]) {
    for (const count of [1, 2, 3, 4]) {
      const worst = Math.max(...choices(count).map((chosen) => fanOut(of, chosen)));
      t.equal(worstFanOut(of, names, count), worst, `${count} of 7`);
    }
  }
  t.equal(worstFanOut(undefined, names, 3), 1);
});

t.test('chunks are spread over equally free targets, and over triples of them', async (t) => {
  const targets = Array.from({ length: 9 }, (_, i) => `t${i + 1}`);
  const chosen = new Map<string, number>();
  for (let i = 0; i < 30_000; i++) {
    const hash = contentHash(Buffer.from(String(i)));
    const weights = new Map(targets.map((name) => [name, preference(hash, name)]));
    const ranked = [...targets].sort((a, b) => weights.get(b)! - weights.get(a)!);
    const triple = ranked.slice(0, 3).sort().join();
    chosen.set(triple, (chosen.get(triple) ?? 0) + 1);
  }
  // 84 triples, 357 each: five standard deviations are 94.
  t.equal(chosen.size, 84);
  t.same(
    [...chosen].filter(([, count]) => Math.abs(count - 357) > 94),
    [],
  );
});
