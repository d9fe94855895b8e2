import type { Evidence } from '../observe/evidence.ts';
import { longestWaiting } from '../observe/turns.ts';
import { ascending, quantile } from './quantile.ts';

/**
 * Every threshold that turns a timing verdict into an inconclusive one. Noise of a machine only adds to measured times; how much, three things
 * say: a control probe between two bare namespaces, the time that processes waited for a processor (PSI), and the time that a
 * hypervisor took away (steal).
 */
export const NOISE = {
  /** A machine whose processors are idle for less than this share of a scenario, or on which some process waits for one for more than … */
  idleLeast: 0.1,
  /** … this share, is overloaded: what its own programs do about their turn on a processor decides over times. */
  stalledMost: 0.5,
  /** ms that a process may wait for its turn on an overloaded machine: no bound that allows less can be judged there, met or not. */
  turn: 10,
  /**
   * Of the share of its time that a node ran over the whole scenario, the part that it surely ran around any one datagram: nodes that handle bursts
   * wait for each other, and for others, just then.
   */
  ranLeast: 0.5,
  /** Of the time that processes waited for a processor, the share that one activity may have waited itself. */
  stallShare: 1,
  /** Of the stolen time, likewise. */
  stealShare: 1,
} as const;

/** Why nothing that took too long is held against what was to be judged. */
export const EMULATED = 'the processors of this machine are emulated';

/** Whether a put failed where processors are emulated: it waits only so long for answers, and they may have come too late for that. */
export function putsRanOutOfTime({ machine, puts }: Evidence): boolean {
  return machine?.emulated === true && puts.some(({ error }) => error !== undefined);
}

/** What this machine may have added to one time in the `q` quantile, ms, when so many processes had to wake up for it; 0 when nothing was probed. */
export function addedToTime(q: number, wakeUps: number, evidence: Evidence): number {
  if (evidence.machine?.emulated) return Number.POSITIVE_INFINITY;
  const probed = quantile(ascending(evidence.noise), q);
  return Number.isNaN(probed) ? 0 : probed * wakeUps;
}

/**
 * The one of these nodes that waited for its turn on a processor for the largest share of the time in which it had work, and what of a time
 * of `over` ms that all of them had a part in may have been waiting, ms: its share around one datagram (`ranLeast`), and no more than all of them waited together.
 * Undefined when nobody waited, or counted turns.
 */
export function addedByWaiting(over: number, nodes: readonly string[], { turns = {} }: Evidence) {
  const longest = longestWaiting(turns, nodes);
  const waited = nodes.reduce((sum, node) => sum + (turns[node]?.waited ?? 0), 0);
  return longest && { ...longest, added: Math.min(over * (1 - NOISE.ranLeast * (1 - longest.share)), waited) };
}

/** What this machine may have added to something that went on for the whole scenario, ms; 0 when it is not known to. */
export function addedToActivity({ machine }: Evidence): number {
  if (!machine) return 0;
  if (machine.emulated) return Number.POSITIVE_INFINITY;
  return (machine.stalled ?? 0) * NOISE.stallShare + machine.stolen * NOISE.stealShare;
}

/**
 * Why something that went on for the whole scenario may have taken `over` ms too long without being at fault; `undefined` when only it can be.
 */
export function excuse(over: number, evidence: Evidence): string | undefined {
  if (evidence.machine?.emulated) return EMULATED;
  const overloaded = overload(evidence);
  if (overloaded) return overloaded;
  const added = addedToActivity(evidence);
  return added >= over ? `processes waited ${added.toFixed(0)} ms for this machine` : undefined;
}

/** Why times that were measured on this machine during the scenario prove little; `undefined` when it was not overloaded. */
export function overload({ machine }: Evidence): string | undefined {
  if (!machine) return undefined;
  const { duration, idle, stalled = 0 } = machine;
  const percent = (share: number) => `${(share * 100).toFixed(0)}%`;
  if (idle < NOISE.idleLeast) return `the processors of this machine were idle for ${percent(idle)} of the time`;
  if (stalled > NOISE.stalledMost * duration) {
    return `processes of this machine waited for a processor for ${percent(stalled / duration)} of the time`;
  }
  return undefined;
}
