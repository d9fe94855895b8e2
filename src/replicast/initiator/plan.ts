import { WINDOW_TOLERANCE } from '../constants.ts';
import type { Reservations, Window } from '../reservations.ts';

/** A window that a target offered, on this host's clock. */
export interface Candidate extends Window {
  name: string;
  /** bit/s that it can receive. */
  rate: number;
  queue: number;
  /** Decides between equals: a larger number wins. */
  preference: number;
  /** Datagrams it lacks, when not all. */
  missing?: Uint8Array;
}

/** One transfer: to these, then, so fast. */
export interface PlannedTransfer {
  members: string[];
  window: Window;
  /** bit/s on the wire: the most that all concerned can bear. */
  rate: number;
}

export interface PlanRequest {
  candidates: readonly Candidate[];
  /** Replicas wanted. */
  needed: number;
  /** Earliest start. */
  now: number;
  /** bit/s that the candidates were told to expect: windows are long enough for it. */
  expected: number;
  /** bit/s that this host's link bears in one transfer to these targets. */
  linkRate(names: readonly string[]): number;
  /** By how much slower this host is than that in fact: windows allow for it. */
  slowness: number;
  uplink: Reservations;
  /** ms that the transfer takes to a target (its missing part only) at a rate. */
  duration(candidate: Candidate | undefined, rate: number): number;
}

/**
 * The earliest-ending window that `needed` candidates and this host's own link share, and whom to send to then. Which
 * are chosen decides how fast this host can send to them, so the search is for windows at the rate that the candidates
 * were told to expect, and the transfer then takes as much less as it can.
 */
export function planMulticast(request: PlanRequest): PlannedTransfer | undefined {
  const { candidates, needed, now, uplink } = request;
  const rates = [...new Set(candidates.map(({ rate }) => Math.min(rate, request.expected)))];
  const starts = [...new Set(candidates.map(({ start }) => Math.max(now, start)))];
  const ranked = [...candidates].sort(compare);
  let best: PlannedTransfer | undefined;
  for (const offered of rates) {
    const least = request.duration(undefined, offered);
    for (const earliest of starts) {
      const own = uplink.find({ notBefore: earliest, notAfter: Number.POSITIVE_INFINITY, least, most: least });
      if (!own || (best && own.start >= best.window.end)) continue;
      const able = ranked.filter((candidate) => candidate.rate >= offered && holds(candidate, own.start, least));
      if (able.length < needed) continue;
      const chosen = able.slice(0, needed);
      const members = chosen.map(({ name }) => name);
      const rate = rateTo(chosen, request);
      const end = own.start + Math.min(least, request.duration(undefined, realistic(rate, members, request)));
      if (!best || end < best.window.end) {
        best = { members, window: { start: own.start, end }, rate };
      }
    }
  }
  return best;
}

/** One window for each replica, one after the other on this host's link, each as early as can be. */
export function planHybrid(request: PlanRequest): PlannedTransfer[] | undefined {
  const { candidates, needed, now, uplink } = request;
  const plan: PlannedTransfer[] = [];
  const left = new Set(candidates);
  let free = now;
  while (plan.length < needed) {
    let best: { candidate: Candidate; start: number; end: number; rate: number } | undefined;
    for (const candidate of left) {
      const rate = rateTo([candidate], request);
      const length = request.duration(candidate, realistic(rate, [candidate.name], request));
      const notBefore = Math.max(free, candidate.start);
      const own = uplink.find({ notBefore, notAfter: Number.POSITIVE_INFINITY, least: length, most: length });
      if (!own || !holds(candidate, own.start, length)) continue;
      const end = own.start + length;
      if (!best || end < best.end || (end === best.end && compare(candidate, best.candidate) < 0)) {
        best = { candidate, start: own.start, end, rate };
      }
    }
    if (!best) return undefined;
    left.delete(best.candidate);
    free = best.end;
    plan.push({ members: [best.candidate.name], window: { start: best.start, end: best.end }, rate: best.rate });
  }
  return plan;
}

/** When, at the earliest, `needed` of the candidates are free at once: what to ask for next time. */
export function commonStart(candidates: readonly Candidate[], needed: number): number {
  return [...candidates].sort((a, b) => a.start - b.start)[needed - 1]?.start ?? 0;
}

export function rateTo(chosen: readonly Candidate[], { linkRate }: PlanRequest): number {
  return Math.min(linkRate(chosen.map(({ name }) => name)), ...chosen.map(({ rate }) => rate));
}

export function realistic(rate: number, names: readonly string[], { linkRate, slowness }: PlanRequest): number {
  return Math.min(rate, linkRate(names) / slowness);
}

export function holds(candidate: Candidate, start: number, length: number): boolean {
  return candidate.start <= start + WINDOW_TOLERANCE && candidate.end >= start + length - WINDOW_TOLERANCE;
}

/** The better one first. */
export function compare(a: Candidate, b: Candidate): number {
  return a.queue - b.queue || b.preference - a.preference;
}
