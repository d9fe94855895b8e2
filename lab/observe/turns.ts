import { readFileSync } from 'node:fs';

/** What a process got of the processors, ms: the time that it ran, and the time that it could have run but others did. */
export interface Turns {
  ran: number;
  waited: number;
}

/** The node that waited for the largest share of the time in which it had work; undefined when none waited. */
export function longestWaiting(
  turns: Readonly<Record<string, Turns>>,
  nodes: Iterable<string> = Object.keys(turns),
): { node: string; waited: number; share: number } | undefined {
  let longest: { node: string; waited: number; share: number } | undefined;
  for (const node of nodes) {
    const { ran, waited } = turns[node] ?? { ran: 0, waited: 0 };
    const share = waited / (ran + waited);
    if (share > (longest?.share ?? 0)) longest = { node, waited, share };
  }
  return longest;
}

/** A process whose turns are counted; undefined where none runs. */
interface Runner {
  pid: number | undefined;
}

/**
 * Begins to count the turns of processes, by name; the function that it returns tells what has happened since. A process that started in the
 * meantime counts from its beginning, one that has ended is left out. Only their main threads count: there a node handles its datagrams.
 */
export function watchTurns(runners: ReadonlyMap<string, Runner>): () => Record<string, Turns> {
  const before = new Map<number, Turns>();
  for (const { pid } of runners.values()) {
    const turns = turnsOf(pid);
    if (turns) before.set(pid!, turns);
  }
  return () => {
    const since: Record<string, Turns> = {};
    for (const [name, { pid }] of runners) {
      const turns = turnsOf(pid);
      if (!turns) continue;
      const { ran, waited } = before.get(pid!) ?? { ran: 0, waited: 0 };
      since[name] = { ran: turns.ran - ran, waited: turns.waited - waited };
    }
    return since;
  };
}

function turnsOf(pid: number | undefined): Turns | undefined {
  if (pid === undefined) return undefined;
  try {
    return parseTurns(readFileSync(`/proc/${pid}/schedstat`, 'utf8'));
  } catch {
    // It has ended, or the kernel keeps no such account.
    return undefined;
  }
}

/** Of /proc/PID/schedstat (Documentation/scheduler/sched-stats.rst): ns on a processor, ns in a run queue, turns. Pure. */
export function parseTurns(text: string): Turns | undefined {
  const [ran, waited] = text.trim().split(' ').map(Number);
  return ran !== undefined && waited !== undefined && ran + waited >= 0
    ? { ran: ran / 1e6, waited: waited / 1e6 }
    : undefined;
}
