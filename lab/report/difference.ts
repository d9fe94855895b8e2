import type { Recorded } from '../observe/evidence-folder.ts';
import { oneWayTimes } from '../observe/one-way.ts';
import { ascending, quantile } from '../verdict/quantile.ts';
import type { Figures, RunResult } from './result.ts';
import { alignedTable } from './table.ts';

/** A run folder as it is compared. */
export interface Compared {
  result: RunResult;
  recorded: Recorded;
}

/** Shares of a value by which runs of the same thing differ anyway: less is not worth a line. */
const NOTEWORTHY = 0.1;
/** ms: differences of times below this are none. */
const LEAST_TIME = 0.1;

/** What changed from one run to another: verdicts, figures, stress of links, one-way times by group. Pure; empty parts are left out. */
export function difference(before: Compared, after: Compared): string {
  const parts: [title: string, text: string][] = [
    ['verdicts', verdicts(before.result, after.result)],
    ['figures', figures(before.result.figures, after.result.figures)],
    ['most crossings of a link direction by one datagram', stress(before.recorded, after.recorded)],
    ['one-way times, ms', times(before.recorded, after.recorded)],
    ['what runs depended on', versions(before.result, after.result)],
  ];
  const changed = parts.filter(([, text]) => text !== '');
  if (changed.length === 0) return 'no difference worth a line\n';
  return changed.map(([title, text]) => `${title}\n${text.replace(/^(?=.)/gm, '  ')}`).join('\n');
}

function verdicts(before: RunResult, after: RunResult): string {
  const rows: string[][] = [];
  const [then, now] = [byTitle(before), byTitle(after)];
  for (const title of new Set([...then.keys(), ...now.keys()])) {
    const [a, b] = [then.get(title), now.get(title)];
    if (a?.outcome === b?.outcome) continue;
    rows.push([title, a?.outcome ?? 'absent', b?.outcome ?? 'absent', b?.summary ?? a?.summary ?? '']);
  }
  return rows.length === 0 ? '' : alignedTable(['', 'before', 'after', ''], rows);
}

/** Points by title; of several with one title each has its number. */
function byTitle({ points }: RunResult): Map<string, RunResult['points'][number]> {
  const found = new Map<string, RunResult['points'][number]>();
  for (const point of points) {
    let title = point.title;
    for (let number = 2; found.has(title); number++) title = `${point.title} (${number})`;
    found.set(title, point);
  }
  return found;
}

const isNoteworthy = (before: number, after: number) =>
  Math.abs(after - before) > NOTEWORTHY * Math.max(Math.abs(before), Math.abs(after));

function figures(before: Figures, after: Figures): string {
  const names = ['namespaces', 'links', 'nodes', 'puts', 'datagrams', 'traversals', 'captureDrops'] as const;
  const rows = names
    .filter((name) => isNoteworthy(before[name], after[name]))
    .map((name) => [name, String(before[name]), String(after[name])]);
  return rows.length === 0 ? '' : alignedTable(['', 'before', 'after'], rows);
}

function stress(before: Recorded, after: Recorded): string {
  const [then, now] = [mostByLink(before), mostByLink(after)];
  const rows = [...new Set([...then.keys(), ...now.keys()])]
    .map((link) => [link, then.get(link) ?? 0, now.get(link) ?? 0] as const)
    .filter(([, a, b]) => a !== b)
    .map(([link, a, b]) => [link, String(a), String(b)]);
  return rows.length === 0 ? '' : alignedTable(['', 'before', 'after'], rows);
}

function mostByLink({ evidence: { ledger } }: Recorded): Map<string, number> {
  const most = new Map<string, number>();
  for (const id of ledger.datagrams()) {
    for (const [link, count] of ledger.crossings(id)) most.set(link, Math.max(most.get(link) ?? 0, count));
  }
  return most;
}

function times(before: Recorded, after: Recorded): string {
  const [then, now] = [timesByGroup(before), timesByGroup(after)];
  const rows: string[][] = [];
  for (const name of new Set([...then.keys(), ...now.keys()])) {
    for (const q of [0.5, 0.99]) {
      const [a, b] = [then, now].map((groups) => quantile(groups.get(name) ?? [], q)) as [number, number];
      if (Number.isNaN(a + b))
        rows.push([
          name,
          `p${q * 100}`,
          Number.isNaN(a) ? 'none' : a.toFixed(3),
          Number.isNaN(b) ? 'none' : b.toFixed(3),
        ]);
      else if (isNoteworthy(a, b) && Math.abs(a - b) > LEAST_TIME)
        rows.push([name, `p${q * 100}`, a.toFixed(3), b.toFixed(3)]);
    }
  }
  return rows.length === 0 ? '' : alignedTable(['', '', 'before', 'after'], rows);
}

function timesByGroup({ evidence }: Recorded): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  for (const { datagram, oneWay } of oneWayTimes(evidence, evidence.datagrams.values())) {
    const name = datagram.group === undefined ? 'to one host' : `to group ${datagram.group}`;
    const list = groups.get(name);
    if (list) list.push(oneWay);
    else groups.set(name, [oneWay]);
  }
  return new Map([...groups].map(([name, list]) => [name, ascending(list)]));
}

function versions(before: RunResult, after: RunResult): string {
  const facts = ({ versions, seed, links, file }: RunResult): Record<string, string> => ({
    ...versions,
    seed: String(seed),
    links,
    file,
  });
  const [then, now] = [facts(before), facts(after)];
  const rows = [...new Set([...Object.keys(then), ...Object.keys(now)])]
    .filter((name) => then[name] !== now[name])
    .map((name) => [name, then[name] ?? '', now[name] ?? '']);
  return rows.length === 0 ? '' : alignedTable(['', 'before', 'after'], rows);
}
