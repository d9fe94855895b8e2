import type { RunResult } from './result.ts';
import { alignedTable } from './table.ts';

/** The worst first: that is what one looks for. */
const ORDER = { fail: 0, inconclusive: 1, unsupported: 2, pass: 3 };

/**
 * What people want to see after a suite: what failed and how to run it again, then a line for each topology.
 * One-way times are written `measured / floor`, in ms.
 */
export function summaryTable(results: readonly RunResult[]): string {
  const sorted = [...results].sort((a, b) => ORDER[a.outcome] - ORDER[b.outcome]);
  const rows = sorted.map(({ topology, outcome, figures, took }) => {
    const { latency } = figures;
    const against = (q: 'p50' | 'p99') => (latency ? `${latency[q].toFixed(2)} / ${latency.floor[q].toFixed(2)}` : '-');
    return [
      topology,
      outcome,
      String(figures.puts),
      String(figures.datagrams),
      against('p50'),
      against('p99'),
      figures.trunkStress > 0 ? `${figures.trunkStress}×` : '-',
      `${(took.total / 1000).toFixed(2)} s`,
    ];
  });
  const header = [
    'topology',
    'outcome',
    'puts',
    'datagrams',
    'p50 / floor ms',
    'p99 / floor ms',
    'worst trunk',
    'time',
  ];
  return `${sorted.map(failure).join('')}${alignedTable(header, rows)}`;
}

/** Nothing for a run in which everything holds. */
function failure({ topology, outcome, points, folder }: RunResult): string {
  if (outcome === 'pass') return '';
  const wrong = points.filter((point) => point.outcome !== 'pass');
  const again = outcome === 'unsupported' ? '' : `  castlab replay ${folder}\n`;
  return `${topology} ${outcome}\n${wrong.map(({ title, summary }) => `  ${title}: ${summary}\n`).join('')}${again}\n`;
}
