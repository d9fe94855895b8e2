import { bitsOf, everyBit } from '../bitmap.ts';
import { compare, holds, type PlannedTransfer, type PlanRequest, rateTo, realistic } from './plan.ts';

/** Datagrams that the same targets lack. */
export interface Lacking {
  members: string[];
  /** Ascending. */
  indices: readonly number[];
}

/**
 * The datagrams of a chunk by who lacks them, those that most lack first: so who lacks few has all of his early.
 * @param missing by target; `undefined` = everything
 * @param count datagrams of the chunk
 */
export function byLacking(missing: ReadonlyMap<string, Uint8Array | undefined>, count: number): Lacking[] {
  // As in every first round, between the bids and the first datagram: no need to look at each.
  if (missing.size > 0 && [...missing.values()].every((bitmap) => bitmap === undefined)) {
    return [{ members: [...missing.keys()], indices: everyBit(count) }];
  }
  const groups = new Map<string, Lacking & { indices: number[] }>();
  const lacks = [...missing].map(([name, bitmap]) => ({
    name,
    indices: new Set(bitmap && bitsOf(bitmap, count)),
    bitmap,
  }));
  for (let index = 0; index < count; index++) {
    const members = lacks.filter(({ bitmap, indices }) => !bitmap || indices.has(index)).map(({ name }) => name);
    if (members.length === 0) continue;
    const key = members.join();
    const group = groups.get(key);
    if (group) group.indices.push(index);
    else groups.set(key, { members, indices: [index] });
  }
  return [...groups.values()].sort((a, b) => b.members.length - a.members.length);
}

/**
 * What is left of a chunk in one transfer, for targets that lack different parts of it, in the earliest-ending window: a datagram that
 * several lack is sent once, and each target needs to be free only until it has the last one that it lacks. Those that lack least are chosen.
 * @param time ms that so many datagrams take at a rate
 */
export function planRest(
  request: PlanRequest,
  count: number,
  time: (datagrams: number, rate: number) => number,
): PlannedTransfer | undefined {
  const { candidates, needed, now, uplink } = request;
  const lacks = new Map(candidates.map((one) => [one, one.missing ? bitsOf(one.missing, count).length : count]));
  const ranked = [...candidates].sort((a, b) => lacks.get(a)! - lacks.get(b)! || compare(a, b));
  let best: PlannedTransfer | undefined;
  for (const start of new Set(candidates.map((candidate) => Math.max(now, candidate.start)))) {
    const chosen = ranked.filter((candidate) => candidate.start <= start && candidate.end > start).slice(0, needed);
    if (chosen.length < needed) continue;
    const members = chosen.map(({ name }) => name);
    const rate = rateTo(chosen, request);
    const parts = byLacking(new Map(chosen.map(({ name, missing }) => [name, missing])), count);
    const ends = new Map<string, number>();
    let sent = 0;
    for (const part of parts) {
      sent += part.indices.length;
      for (const name of part.members) ends.set(name, time(sent, realistic(rate, members, request)));
    }
    const length = time(sent, realistic(rate, members, request));
    const own = uplink.find({ notBefore: start, notAfter: Number.POSITIVE_INFINITY, least: length, most: length });
    if (!own || !chosen.every((candidate) => holds(candidate, own.start, ends.get(candidate.name)!))) continue;
    const end = own.start + length;
    if (!best || end < best.window.end) best = { members, window: { start: own.start, end }, rate };
  }
  return best;
}
