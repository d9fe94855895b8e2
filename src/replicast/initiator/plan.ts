import { WINDOW_TOLERANCE } from '../constants.ts';
import type { Reservations, Window } from '../reservations.ts';

/** A window that a target offered, on this host's clock. */
export interface Candidate extends Window {
  name: string;
  /** bit/s */
  rate: number;
  queue: number;
  /** Datagrams it lacks, when not all. */
  missing?: Uint8Array;
}

/** One transfer: to these, then, so fast. */
export interface PlannedTransfer {
  members: string[];
  window: Window;
  /** bit/s */
  rate: number;
}

export interface PlanRequest {
  candidates: readonly Candidate[];
  /** Replicas wanted. */
  needed: number;
  now: number;
  /** bit/s that this host sends. */
  ownRate: number;
  uplink: Reservations;
  /** ms that the transfer takes to a target (its missing part only) at a rate. */
  duration(candidate: Candidate | undefined, rate: number): number;
  /** Decides between equals: a larger number wins. */
  preference(name: string): number;
}

/** The earliest-ending window that `needed` candidates and this host's own link share, and whom to send to then. */
export function planMulticast(request: PlanRequest): PlannedTransfer | undefined {
  const { candidates, needed, now, ownRate, uplink } = request;
  const rates = [...new Set(candidates.map(({ rate }) => Math.min(rate, ownRate)))];
  const starts = [...new Set(candidates.map(({ start }) => Math.max(now, start)))];
  let best: PlannedTransfer | undefined;
  for (const rate of rates) {
    const length = request.duration(undefined, rate);
    for (const earliest of starts) {
      const own = uplink.find({ notBefore: earliest, notAfter: Number.POSITIVE_INFINITY, least: length, most: length });
      if (!own || (best && own.start + length >= best.window.end)) continue;
      const able = candidates.filter(
        (candidate) => Math.min(candidate.rate, ownRate) >= rate && holds(candidate, own.start, length),
      );
      if (able.length < needed) continue;
      const members = [...able].sort((a, b) => compare(a, b, request)).slice(0, needed);
      best = { members: members.map(({ name }) => name), window: { start: own.start, end: own.start + length }, rate };
    }
  }
  return best;
}

/** One window for each replica, one after the other on this host's link, each as early as can be. */
export function planHybrid(request: PlanRequest): PlannedTransfer[] | undefined {
  const { candidates, needed, now, ownRate, uplink } = request;
  const plan: PlannedTransfer[] = [];
  const left = new Set(candidates);
  let free = now;
  while (plan.length < needed) {
    let best: { candidate: Candidate; start: number; end: number; rate: number } | undefined;
    for (const candidate of left) {
      const rate = Math.min(candidate.rate, ownRate);
      const length = request.duration(candidate, rate);
      const notBefore = Math.max(free, candidate.start);
      const own = uplink.find({ notBefore, notAfter: Number.POSITIVE_INFINITY, least: length, most: length });
      if (!own || !holds(candidate, own.start, length)) continue;
      const end = own.start + length;
      if (!best || end < best.end || (end === best.end && compare(candidate, best.candidate, request) < 0)) {
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

function holds(candidate: Candidate, start: number, length: number): boolean {
  return candidate.start <= start + WINDOW_TOLERANCE && candidate.end >= start + length - WINDOW_TOLERANCE;
}

function compare(a: Candidate, b: Candidate, { preference }: PlanRequest): number {
  return a.queue - b.queue || preference(b.name) - preference(a.name);
}
