/** What the cluster map says about the way from here: enough to count the copies of a multicast datagram. */
export interface Zones {
  /** This host's zone. */
  readonly own: string;
  of(target: string): string;
  /** Whether one frame reaches all members in a zone. */
  isNative(zone: string): boolean;
  /** Whether targets relay to others of their zone; if not, this host sends every target its own copy. */
  readonly relay: boolean;
  /** From one zone to another riding on the copy to a third. */
  readonly vias: readonly { from: string; to: string; via: string }[];
}

/**
 * The largest number of copies of one datagram to these targets that any one host sends: this host, or a relay. Where
 * zones are not native the overlay sends every target of a zone its own copy, so a link that leaves a host carries the
 * datagram that many times, and a transfer can be only so much slower than the link.
 */
export function fanOut(zones: Zones | undefined, targets: readonly string[]): number {
  if (!zones) return 1;
  if (!zones.relay) return Math.max(1, targets.length);
  const counts = new Map<string, number>();
  for (const target of targets) counts.set(zones.of(target), (counts.get(zones.of(target)) ?? 0) + 1);
  const copies = new Map<string, number>([[zones.own, 0]]);
  const add = (zone: string, number: number) => copies.set(zone, (copies.get(zone) ?? 0) + number);
  for (const [zone, count] of counts) {
    const inZone = zones.isNative(zone) ? Math.min(1, count) : count;
    if (zone === zones.own) {
      add(zone, inZone);
      continue;
    }
    const via = zones.vias.find(({ from, to, via }) => from === zones.own && to === zone && counts.has(via));
    add(via?.via ?? zones.own, 1);
    // The relay is one of them.
    add(zone, zones.isNative(zone) ? Math.min(1, count - 1) : count - 1);
  }
  return Math.max(1, ...copies.values());
}

/** The most that `fanOut` can be for any `count` of these targets. */
export function worstFanOut(zones: Zones | undefined, targets: readonly string[], count: number): number {
  if (!zones) return 1;
  const wanted = Math.min(count, targets.length);
  if (!zones.relay) return Math.max(1, wanted);
  const sizes = new Map<string, number>();
  for (const target of targets) sizes.set(zones.of(target), (sizes.get(zones.of(target)) ?? 0) + 1);
  let here = 0;
  let worst = 1;
  for (const [zone, size] of sizes) {
    if (zone === zones.own) here += zones.isNative(zone) ? 1 : size;
    else {
      here++;
      const riders = zones.vias.filter(({ from, via }) => from === zones.own && via === zone).length;
      const relayed = zones.isNative(zone) ? 1 : Math.min(wanted, size) - 1;
      worst = Math.max(worst, Math.min(wanted, relayed + riders));
    }
  }
  return Math.max(worst, Math.min(wanted, here));
}
