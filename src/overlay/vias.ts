import type { Via, Zone } from './cluster-map.ts';
import type { Complain } from './complaint.ts';

/**
 * Complains about vias that make no sense: between fewer than three zones, a second one for the same pair, and cycles, in which
 * every zone of a ring waits to be carried by the next.
 */
export function checkVias(vias: readonly Via[], complain: Complain): void {
  const next = new Map<Zone, Map<Zone, Via>>();
  for (const [index, via] of vias.entries()) {
    const { from, to, via: carrier } = via;
    if (new Set([from, to, carrier]).size < 3) {
      complain(
        ['vias', index],
        `from ${from.name} to ${to.name} via ${carrier.name}: a via is about three different zones`,
      );
      continue;
    }
    const known = next.get(from) ?? new Map<Zone, Via>();
    next.set(from, known);
    const other = known.get(to);
    if (other) {
      const message = `there is a via from ${from.name} to ${to.name} already: it goes via ${other.via.name}`;
      complain(['vias', index], message);
      continue;
    }
    known.set(to, via);
    const ring = findRing(known, to);
    if (ring) {
      const names = ring.map((zone) => zone.name).join(' via ');
      complain(['vias', index], `vias from ${from.name} go in a circle: ${names}`);
      known.delete(to);
    }
  }
}

/** The zones from `start` back to itself, following the vias of one zone; `undefined` when the way ends. */
function findRing(vias: ReadonlyMap<Zone, Via>, start: Zone): Zone[] | undefined {
  const way = [start];
  for (let via = vias.get(start); via; via = vias.get(via.via)) {
    way.push(via.via);
    if (via.via === start) return way;
  }
  return undefined;
}
