import t from 'tap';
import {
  bitString,
  bitsBeyond,
  buildBift,
  type Decision,
  decide,
  listBits,
  makeEntropy,
  pickRelay,
  viasFrom,
} from '../../src/bier/index.ts';
import type { ClusterMap } from '../../src/overlay/index.ts';
import { mapOf } from '../support/overlay-maps.ts';

const zones = { hub: ['t1', 't2'], east: ['t3', 't4', 't5'], west: ['t6', 't7', 't8'], south: ['t9'] };

interface Case {
  map?: ClusterMap;
  zone?: string;
  self?: string;
  ingress?: string;
  dead?: string[];
  attempt?: number;
  flow?: number;
}

/** Copies as text, `t3:t3,t4`, in the order in which they leave. */
function forward(to: string[], given: Case = {}): { decision: Decision; copies: string[] } {
  const { map = mapOf({ zones }), zone = 'hub', self, ingress, dead = [], attempt = 1, flow = 7 } = given;
  const bift = buildBift(map.groups[0]!.sets[0]!);
  const { members } = bift.set;
  const bitOf = (name: string) => members.findIndex((member) => member.name === name);
  const home = map.zoneByName.get(zone)!;
  const decision = decide(bift, bitString(64, to.map(bitOf)), makeEntropy(flow, attempt), {
    zone: home,
    bit: self === undefined ? -1 : bitOf(self),
    vias: viasFrom(map.vias, home),
    ingress: ingress === undefined ? undefined : map.zoneByName.get(ingress)!,
    relay: map.relay,
    isLive: (target) => !dead.includes(target.name),
  });
  const copies = decision.copies.map(
    ({ target, bits }) => `${target.name}:${listBits(bits).map((bit) => members[bit]!.name)}`,
  );
  return { decision, copies };
}

/** The zones' relays may be any of their targets: copies by zone instead. */
const byZone = (copies: string[], map = mapOf({ zones })) =>
  copies.map((copy) => `${map.targetByName.get(copy.split(':')[0]!)!.zone.name}:${copy.split(':')[1]}`);

t.test('in the own zone each target gets a copy with only its bit', async (t) => {
  t.same(forward(['t1', 't2']).copies, ['t1:t1', 't2:t2']);
});

t.test('another zone gets one copy, for all its targets, to one of them', async (t) => {
  const { copies } = forward(['t2', 't3', 't5', 't6', 't9']);
  t.same(byZone(copies), ['east:t3,t5', 'west:t6', 'south:t9', 'hub:t2'], 'far ones first');
  t.match(copies[0], /^t[35]:/, 'the relay is addressed');
});

t.test('the own bit is delivered, and in no copy', async (t) => {
  const { decision, copies } = forward(['t3', 't4', 't5'], { zone: 'east', self: 't4' });
  t.ok(decision.own);
  t.same(copies, ['t3:t3', 't5:t5']);
  t.notOk(forward(['t3'], { zone: 'east', self: 't4' }).decision.own);
});

t.test('a via is taken only when its zone is addressed and has somebody alive', async (t) => {
  const map = mapOf({ zones, vias: ['hub west east'] });
  t.same(byZone(forward(['t3', 't6', 't7'], { map }).copies), ['east:t3,t6,t7']);
  t.match(forward(['t3', 't6', 't7'], { map }).copies, ['t3:t3,t6,t7'], 'the relay is in the zone on the way');
  t.same(byZone(forward(['t6', 't7'], { map }).copies), ['west:t6,t7'], 'nobody on the way: direct');
  t.same(
    byZone(forward(['t3', 't6'], { map, dead: ['t3'] }).copies),
    ['east:t3', 'west:t6'],
    'nobody alive there: direct',
  );
  t.same(
    byZone(forward(['t1', 't3', 't6'], { map, zone: 'south' }).copies),
    ['hub:t1', 'east:t3', 'west:t6'],
    'it is the via of another zone',
  );
});

t.test('vias lead on to the zone that carries', async (t) => {
  const map = mapOf({ zones, vias: ['hub west east', 'hub south west'] });
  t.same(byZone(forward(['t3', 't6', 't9'], { map }).copies), ['east:t3,t6,t9']);
  t.same(byZone(forward(['t6', 't9'], { map }).copies), ['west:t6,t9']);
  t.same(
    byZone(forward(['t3', 't9'], { map }).copies),
    ['east:t3', 'south:t9'],
    'west does not get it, so it carries nothing',
  );
});

t.test('nothing goes back to the zone it came from', async (t) => {
  const { decision, copies } = forward(['t1', 't2', 't3', 't6'], { zone: 'east', self: 't3', ingress: 'hub' });
  t.same(copies, ['t6:t6']);
  t.equal(decision.loops, 1);
  const local = forward(['t3', 't4'], { zone: 'east', self: 't3', ingress: 'east' });
  t.same(local.copies, [], 'the own zone included');
  t.equal(local.decision.loops, 1);
});

t.test('without relaying every target gets its own copy', async (t) => {
  const map = mapOf({ zones, vias: ['hub west east'], relay: false });
  t.same(forward(['t1', 't3', 't4', 't6'], { map }).copies, ['t1:t1', 't3:t3', 't4:t4', 't6:t6']);
});

t.test('relays', async (t) => {
  const relayOf = (given: Case) => forward(['t3', 't4', 't5'], given).copies[0]!.split(':')[0]!;
  for (let flow = 0; flow < 20; flow++) {
    const relays = [1, 2, 3].map((attempt) => relayOf({ flow, attempt }));
    t.equal(new Set(relays).size, 3, `flow ${flow}: three attempts take three relays`);
    t.equal(relayOf({ flow, attempt: 1 }), relays[0], 'always the same for the same flow and attempt');
    t.not(relayOf({ flow, attempt: 1, dead: [relays[0]!] }), relays[0], 'never a dead one');
  }
  const load = new Map<string, number>();
  for (let flow = 0; flow < 3000; flow++) {
    const relay = relayOf({ flow });
    load.set(relay, (load.get(relay) ?? 0) + 1);
  }
  // A third each; six standard deviations of a binomial are 155.
  for (const [relay, count] of load) t.ok(Math.abs(count - 1000) < 155, `${relay} relays ${count} of 3000 flows`);
  t.match(relayOf({ dead: ['t3', 't4', 't5'] }), /t[345]/, 'when nobody is alive, the dead are tried');
});

t.test('a set of hosts agrees on the relay whatever else is addressed', async (t) => {
  const bift = buildBift(mapOf({ zones }).groups[0]!.sets[0]!);
  t.equal(
    pickRelay(bift, [2, 3], 5, () => true),
    pickRelay(bift, [3, 2], 5, () => true),
  );
});

t.test('bits beyond the group are noticed', async (t) => {
  const bift = buildBift(mapOf({ zones }).groups[0]!.sets[0]!);
  t.notOk(bitsBeyond(bift, bitString(64, [0, 8])));
  t.ok(bitsBeyond(bift, bitString(64, [0, 9])));
  t.ok(bitsBeyond(bift, bitString(64, [63])));
});
