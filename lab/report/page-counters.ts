import type { Evidence } from '../observe/evidence.ts';
import type { CaptureCounts } from '../observe/evidence-folder.ts';
import { longestWaiting } from '../observe/turns.ts';
import type { PageData } from './page-data.ts';

/** What every node counted by the end, one row a counter that is not 0: `dropped.loop` for a counter within another. */
export function countersOf({ counters }: Evidence): PageData['counters'] {
  const rows: PageData['counters'] = [];
  const walk = (node: string, path: string, value: unknown): void => {
    if (typeof value === 'number') {
      if (value !== 0) rows.push({ node, counter: path, value });
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, inner] of Object.entries(value)) walk(node, path === '' ? name : `${path}.${name}`, inner);
    }
  };
  for (const [node, counted] of Object.entries(counters.at(-1)?.nodes ?? {})) walk(node, '', counted);
  return rows;
}

/** What may have disturbed the measurement, in sentences. */
export function machineWords(
  { machine, turns = {}, noise, framesMissed = 0, linkBytes }: Evidence,
  capture: CaptureCounts,
): string[] {
  const percent = (share: number) => `${(share * 100).toFixed(0)}%`;
  const longest = longestWaiting(turns);
  const probe = [...noise].sort((a, b) => a - b);
  return [
    linkBytes
      ? 'Nobody looked at single datagrams: the topology says observe: counters.'
      : `The capture saw ${capture.frames} frames and missed ${capture.dropped}.`,
    ...(framesMissed > 0 ? [`Wires lost ${framesMissed} frames for want of a processor.`] : []),
    ...(machine ? [`The processors were idle for ${percent(machine.idle)} of the scenario.`] : []),
    ...(machine?.stalled === undefined
      ? []
      : [`Some process waited for a processor for ${percent(machine.stalled / (machine.duration || 1))} of the time.`]),
    ...(longest
      ? [
          `${longest.node} waited for its turn on a processor for ${longest.waited.toFixed(1)} ms, ${percent(longest.share)} of the time in which it had work; no other node for a larger share.`,
        ]
      : []),
    ...(machine?.emulated ? ['The processors of this machine are emulated: no time proves anything.'] : []),
    ...(probe.length > 0
      ? [
          `A control probe between two bare namespaces took ${probe[Math.floor(probe.length / 2)]!.toFixed(3)} ms (median) to ${probe.at(-1)!.toFixed(3)} ms (worst).`,
        ]
      : []),
  ];
}
