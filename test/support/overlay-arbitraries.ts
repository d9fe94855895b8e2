import * as fc from 'fast-check';
import { InputError } from '../../src/document/index.ts';
import type { ClusterMap } from '../../src/overlay/index.ts';
import { mapOf } from './overlay-maps.ts';

/** How many cases a property tries: `CASTLAB_PROPERTY_RUNS` times as many as usual for a long run. */
export function runs(usual: number): { numRuns: number } {
  return { numRuns: usual * Number(process.env['CASTLAB_PROPERTY_RUNS'] ?? 1) };
}

export interface RandomCluster {
  map: ClusterMap;
  /** Names of the addressed members of group `g`, in random order. */
  to: string[];
  /** Name of the sending target, or undefined: an initiator in `senderZone`. */
  sender: string | undefined;
  senderZone: string;
  /** Targets that are down; never the sender. */
  down: Set<string>;
  flow: number;
}

/** What besides UDP joins and fills the zones of random maps: how likely each pair has a connection, each zone native multicast. */
export interface Tunnelling {
  tunnelShare: fc.Arbitrary<number>;
  nativeShare: fc.Arbitrary<number>;
}

const onlyUdp: Tunnelling = { tunnelShare: fc.constant(0), nativeShare: fc.constant(0) };

/**
 * Random maps: 1 … 8 zones, 1 … `most` targets spread unevenly, random vias without cycles, bit strings of any length that makes
 * sense, sets of more than one; a random sender, random addressees, some of the targets down.
 */
export function clusters(most: number, tunnelling: Tunnelling = onlyUdp): fc.Arbitrary<RandomCluster> {
  return fc
    .record({
      zones: fc.noBias(fc.integer({ min: 1, max: 8 })),
      targets: fc.noBias(fc.oneof(fc.integer({ min: 1, max: Math.min(20, most) }), fc.integer({ min: 1, max: most }))),
      seed: fc.integer(),
      bitStringLength: fc.constantFrom(undefined, 64, 128, 256, 4096),
      viaShare: fc.constantFrom(0, 0.3, 0.8),
      memberShare: fc.constantFrom(0.3, 0.8, 1),
      addressedShare: fc.constantFrom(0, 0.1, 0.4, 0.9, 1),
      downShare: fc.constantFrom(0, 0.1, 0.3, 0.5, 0.9),
      relay: fc.constantFrom(true, true, true, false),
      ...tunnelling,
    })
    .map((given) => {
      const random = randomFrom(given.seed);
      const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)]!;
      const zoneNames = Array.from({ length: given.zones }, (_, z) => `z${z}`);
      const zones: Record<string, string[]> = Object.fromEntries(zoneNames.map((zone) => [zone, []]));
      const names = Array.from({ length: given.targets }, (_, i) => `t${i}`);
      // The square makes small zones and large ones.
      for (const name of names) zones[zoneNames[Math.floor(random() ** 2 * given.zones)]!]!.push(name);
      const members = shuffle(names, random).filter((_, i) => i === 0 || random() < given.memberShare);
      const vias = zoneNames.flatMap((from) => {
        // A via only to a zone earlier in some order: no cycles.
        const order = shuffle(
          zoneNames.filter((zone) => zone !== from),
          random,
        );
        return order.flatMap((to, i) =>
          i > 0 && random() < given.viaShare ? [`${from} ${to} ${pick(order.slice(0, i))}`] : [],
        );
      });
      const inhabited = zoneNames.filter((zone) => zones[zone]!.length > 0);
      const tunnels = inhabited.flatMap((a, i) =>
        inhabited.slice(i + 1).flatMap((b) => {
          if (random() >= given.tunnelShare) return [];
          return [`${random() < 0.5 ? `${a} ${b}` : `${b} ${a}`} ${pick(['tcp', 'tls'])}`];
        }),
      );
      const native = zoneNames.filter(() => random() < given.nativeShare);
      const { bitStringLength, relay } = given;
      const map = mapOrNothing(() =>
        mapOf({ zones, vias, tunnels, native, groups: { g: members }, bitStringLength, relay }),
      );
      const to = shuffle(members, random).filter((_, i) => i === 0 || random() < given.addressedShare);
      const sender = random() < 0.5 ? pick(names) : undefined;
      const senderZone =
        zoneNames.find((zone) => sender !== undefined && zones[zone]!.includes(sender)) ?? pick(zoneNames);
      const down = new Set(names.filter((name) => name !== sender && random() < given.downShare));
      return { map, to, sender, senderZone, down, flow: Math.floor(random() * 2 ** 32) };
    })
    .filter((cluster): cluster is RandomCluster => cluster.map !== undefined);
}

/** Two labels of a map collide once in a million: such a map is refused, and another one is made. */
function mapOrNothing(make: () => ClusterMap): ClusterMap | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof InputError && error.message.includes('by chance')) return undefined;
    throw error;
  }
}

/** Numbers from 0 to 1 that the seed decides (mulberry32, public domain). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}

function shuffle<T>(list: readonly T[], random: () => number): T[] {
  return list
    .map((item) => ({ item, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
