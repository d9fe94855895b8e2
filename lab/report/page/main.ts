import './page.css';
import type { PageData } from '../page-data.ts';
import { chunks } from './chunks.ts';
import { h, legend, section } from './dom.ts';
import { latency } from './latency.ts';
import { counters, datagrams, links } from './lists.ts';
import { Picture } from './picture.ts';
import { Player } from './player.ts';
import { Run } from './run.ts';
import { timeline } from './timeline.ts';
import { heading, verdicts } from './verdicts.ts';

/** The script of report.html: reads the run that the page holds, and shows it. */
const run = new Run(JSON.parse(document.getElementById('run')!.textContent!) as PageData);
const { loads, repeats } = run.loads();
const picture = new Picture(run, 'picture-in-words');
const player = new Player(run, picture);

/** A part that takes work to draw: it is drawn when the page stands, so that what comes first can be used at once. */
const later: (() => void)[] = [];
function lazily(id: string, title: string, content: () => (HTMLElement | string)[]): HTMLElement {
  const element = section(id, title);
  later.push(() => element.append(...content()));
  return element;
}

const all = h('button', { type: 'button', class: 'all', click: () => showAll() }, 'Show the whole run');
const table = datagrams(run, repeats, look, (row) => player.selected.length === 1 && player.selected[0] === row);
const way = h('div', { class: 'way', hidden: true }, player.element);

function showAll(): void {
  way.hidden = true;
  all.hidden = true;
  player.select({ datagrams: [], title: '' });
  picture.showLoads(loads);
  table.refresh();
}

/** Looks at one datagram. */
function look(row: number): void {
  location.hash = `datagram=${run.data.datagrams.id[row]}`;
}

function lookAtChunk(transaction: number): void {
  location.hash = `transaction=${run.data.transactions[transaction]}`;
}

function showDatagram(row: number): void {
  const names = run
    .targets(row)
    .map((node) => run.node(node))
    .join(', ');
  const message = run.message(row);
  const title = `Datagram ${run.data.datagrams.id[row]}${message ? ` (${message})` : ''} from ${run.node(run.data.datagrams.from[row]!)} to ${names || 'unknown'}`;
  showWay([row], title);
}

function showWay(rows: number[], title: string): void {
  way.hidden = false;
  all.hidden = false;
  player.select({ datagrams: rows, title });
  table.refresh();
  document.getElementById('network')!.scrollIntoView();
  player.focus();
}

/** What the address asks for: also what the back button returns to. */
function follow(): void {
  const [what, id] = decodeURIComponent(location.hash.slice(1)).split('=');
  if (what === 'datagram') {
    const row = run.rowOf(id ?? '');
    if (row !== undefined) showDatagram(row);
  } else if (what === 'transaction') {
    const rows = run.ofTransaction(run.data.transactions.indexOf(id ?? ''));
    if (rows.length > 0) showWay(rows, `Transaction ${id}: ${rows.length} datagrams`);
  }
}

const colours = legend(
  ['load-1', 'few bytes'],
  ['load-5', 'most bytes'],
  ['twice', 'a trunk that carried one datagram more than once'],
  ['again', 'an edge that did: a relay sends a copy for each target of its zone'],
);

const parts: [id: string, title: string, element: HTMLElement][] = [
  ['verdicts', 'Verdicts', section('verdicts', 'Verdicts', verdicts(run))],
  [
    'network',
    'Network',
    section(
      'network',
      'Network',
      colours,
      h(
        'p',
        { id: 'picture-in-words', class: 'unseen' },
        'In words: the table of links below has what each direction carried; the table beside the picture has the way of a datagram, hop by hop.',
      ),
      all,
      h(
        'div',
        { class: 'stage' },
        h(
          'div',
          { class: 'scroll picture-frame', tabindex: 0, role: 'region', 'aria-label': 'Picture of the network' },
          picture.element,
        ),
        way,
      ),
    ),
  ],
  ['datagrams', 'Datagrams', section('datagrams', 'Datagrams', table.element)],
  ['links', 'Links', section('links', 'Links', links(run, loads, look))],
  ['latency', 'Latency', lazily('latency', 'One-way times against the floor', () => latency(run))],
  ['timeline', 'Timeline', lazily('timeline', 'Scenario and faults', () => timeline(run))],
  ['chunks', 'Puts and gets', lazily('chunks', 'Puts and gets', () => chunks(run, lookAtChunk))],
  ['counters', 'Counters', lazily('counters', 'Counters', () => [counters(run)])],
  [
    'machine',
    'Machine',
    section(
      'machine',
      'How well this machine could measure',
      h('ul', {}, ...run.data.machine.map((line) => h('li', {}, line))),
    ),
  ],
];

document.body.append(
  heading(run),
  h('nav', { 'aria-label': 'Contents' }, ...parts.map(([id, title]) => h('a', { href: `#${id}` }, title))),
  h('main', {}, ...parts.map(([, , element]) => element)),
);
picture.settle();
showAll();
follow();
addEventListener('hashchange', follow);
document.documentElement.dataset['ready'] = 'true';

/** One part at a time, so that the page answers in between. */
function continueLater(): void {
  const next = later.shift();
  if (!next) {
    document.documentElement.dataset['complete'] = 'true';
    return;
  }
  next();
  setTimeout(continueLater);
}
setTimeout(continueLater);
