import type { Point } from '../result.ts';
import { h } from './dom.ts';
import type { Run } from './run.ts';

const SIGNS = { pass: '✓', fail: '✗', inconclusive: '?' };
/** What a failing point says first. */
const ORDER = { fail: 0, inconclusive: 1, pass: 2 };

/** The run in a few words, and everything that was checked: what does not hold first. */
export function heading(run: Run): HTMLElement {
  const { result } = run.data;
  const fact = (name: string, ...value: (string | Node)[]) => h('div', {}, h('dt', {}, name), h('dd', {}, ...value));
  const { figures } = result;
  return h(
    'header',
    {},
    h('h1', {}, result.topology, ' ', h('span', { class: `outcome ${result.outcome}` }, result.outcome)),
    h(
      'dl',
      { class: 'facts' },
      fact('Started', result.startedAt.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')),
      fact('Took', `${(result.took.total / 1000).toFixed(2)} s`),
      fact('Network', `${figures.nodes} nodes, ${figures.links} links`),
      fact('Traffic', `${figures.puts} puts, ${figures.datagrams} datagrams, ${figures.traversals} traversals`),
      fact('Worst trunk', `${figures.trunkStress}× one datagram`),
      fact('Seed', String(result.seed)),
      fact(
        'Versions',
        Object.entries(result.versions)
          .map(([name, version]) => `${name} ${version}`)
          .join(', '),
      ),
      fact('Again', h('code', {}, `castlab replay ${result.folder}`)),
    ),
  );
}

export function verdicts(run: Run): HTMLElement {
  const points = [...run.data.result.points].sort((a, b) => ORDER[a.outcome] - ORDER[b.outcome]);
  return h('ol', { class: 'verdicts' }, ...points.map((point) => verdict(run, point)));
}

function verdict(run: Run, { title, outcome, summary, details = [], exhibit }: Point): HTMLElement {
  const known = exhibit && run.rowOf(exhibit.datagram) !== undefined;
  return h(
    'li',
    { class: outcome },
    h('span', { class: 'sign', 'aria-label': outcome, role: 'img' }, SIGNS[outcome]),
    h(
      'div',
      {},
      h('strong', {}, title),
      h('span', { class: 'summary' }, summary),
      exhibit &&
        h(
          'p',
          {},
          `Shown by datagram ${exhibit.datagram} from ${exhibit.from}: ${exhibit.finding}. `,
          known && h('a', { href: `#datagram=${exhibit.datagram}` }, 'Show its way'),
        ),
      outcome !== 'pass' &&
        details.length > 0 &&
        h('details', {}, h('summary', {}, 'Details'), h('pre', { tabindex: 0 }, details.join('\n'))),
    ),
  );
}
