import { bytes, h, ms } from './dom.ts';
import { lookOf, type Picture } from './picture.ts';
import type { Hop, Run } from './run.ts';
import { Table } from './table.ts';

/** What is looked at: one datagram, or all of a transaction. */
export interface Selection {
  datagrams: number[];
  /** `datagram 4db9… from i1 to t1, t2` */
  title: string;
}

/** s that a way takes when it is played at speed 1. */
const PLAY_SECONDS = 6;
const SPEEDS = [0.25, 0.5, 1, 2, 4];

/** Steps and plays what is selected through the network; says each step in text too. */
export class Player {
  readonly element: HTMLElement;
  readonly #run: Run;
  readonly #picture: Picture;
  readonly #title = h('h3', { id: 'way-title', tabindex: -1 });
  readonly #facts = h('p', { class: 'facts' });
  readonly #said = h('p', { class: 'said', role: 'status', 'aria-live': 'polite' });
  readonly #slider = h('input', {
    type: 'range',
    min: 0,
    value: 0,
    'aria-label': 'Step',
    input: () => this.#goTo(Number(this.#slider.value)),
  });
  readonly #playButton = h('button', { type: 'button', class: 'play', click: () => this.#toggle() }, 'Play');
  readonly #speed = h(
    'select',
    { 'aria-label': 'Speed' },
    ...SPEEDS.map((speed) => h('option', { value: speed, selected: speed === 1 }, `${speed}×`)),
  );
  readonly #table: Table<Hop>;
  #selection: Selection = { datagrams: [], title: '' };
  #hops: Hop[] = [];
  #stepOf = new Map<Hop, number>();
  /** Hosts that any of the datagrams addressed, and of them those that one of them never reached. */
  #addressed: ReadonlySet<number> = new Set();
  #missed: ReadonlySet<number> = new Set();
  #end = 0;
  /** Hops that are shown; 0: before the first. */
  #step = 0;
  #frame: number | undefined;

  constructor(run: Run, picture: Picture) {
    this.#run = run;
    this.#picture = picture;
    const button = (text: string, label: string, action: () => void) =>
      h('button', { type: 'button', 'aria-label': label, title: label, click: action }, text);
    this.#table = new Table<Hop>({
      caption: 'The way, hop by hop',
      columns: [
        { title: 'Link', text: (hop) => this.#link(hop) },
        { title: 'Left', text: (hop) => `+${ms(hop.left)}`, value: (hop) => hop.left },
        {
          title: 'Took',
          text: (hop) => (hop.arrived === undefined ? 'lost' : ms(hop.arrived - hop.left)),
          value: (hop) => (hop.arrived ?? Number.POSITIVE_INFINITY) - hop.left,
        },
        { title: 'Bits', text: (hop) => hop.bits.replace(/^0+(?=.)/, '') },
        { title: 'TTL', text: (hop) => String(hop.ttl), value: (hop) => hop.ttl },
        { title: 'Size', text: (hop) => bytes(hop.bytes), value: (hop) => hop.bytes },
        { title: 'Datagram', text: (hop) => run.message(hop.datagram) || run.data.datagrams.id[hop.datagram]! },
      ],
      rows: [],
      choose: (hop) => this.#goTo(this.#stepOf.get(hop)! + 1),
      chosen: (hop) => this.#stepOf.get(hop) === this.#step - 1,
      mark: (hop) => (hop.arrived === undefined || this.#isTrunkRepeat(hop) ? 'bad' : undefined),
    });
    this.element = h(
      'div',
      { class: 'player' },
      this.#title,
      this.#facts,
      h(
        'div',
        { class: 'controls', role: 'group', 'aria-label': 'Step or play the way' },
        button('|◀', 'To the beginning', () => this.#goTo(0)),
        button('◀', 'Step back', () => this.#goTo(this.#step - 1)),
        this.#playButton,
        button('▶', 'Step forward', () => this.#goTo(this.#step + 1)),
        button('▶|', 'To the end', () => this.#goTo(this.#hops.length)),
        this.#speed,
        this.#slider,
      ),
      this.#said,
      this.#table.element,
    );
  }

  /** Brings the reader, and what reads to them, here. */
  focus(): void {
    this.#title.focus({ preventScroll: true });
  }

  get selected(): readonly number[] {
    return this.#selection.datagrams;
  }

  /** Looks at something else, with its whole way shown. */
  select(selection: Selection): void {
    this.#pause();
    this.#clearNodes();
    this.#selection = selection;
    this.#hops = this.#run.hops(selection.datagrams);
    this.#stepOf = new Map(this.#hops.map((hop, index) => [hop, index]));
    this.#end = Math.max(0, ...this.#hops.map(({ left, arrived }) => arrived ?? left));
    this.#addressed = new Set(selection.datagrams.flatMap((row) => this.#run.targets(row)));
    this.#missed = new Set(selection.datagrams.flatMap((row) => this.#run.missing(row)));
    for (const node of this.#addressed) this.#picture.markNode(node, 'addressed', true);
    for (const row of selection.datagrams) this.#picture.markNode(this.#run.data.datagrams.from[row]!, 'sender', true);
    this.#slider.max = String(this.#hops.length);
    this.#title.textContent = selection.title;
    this.#facts.textContent = this.#describe();
    this.#goTo(this.#hops.length, false);
    this.#table.replace(this.#hops);
  }

  #describe(): string {
    const { datagrams } = this.#selection;
    const [first] = datagrams;
    if (first === undefined) return '';
    const names = (numbers: Iterable<number>) => [...numbers].map((number) => this.#run.node(number)).join(', ');
    const deliveries = datagrams.flatMap((row) => this.#run.deliveries(row));
    const slowest = Math.max(0, ...deliveries.map(({ took }) => took));
    return [
      `${this.#hops.length} crossings in ${ms(this.#end)}, sent at ${ms(this.#run.at(first))}`,
      deliveries.length > 0 ? `${deliveries.length} deliveries, the slowest after ${ms(slowest)}` : 'never delivered',
      this.#missed.size > 0 ? `missed by ${names(this.#missed)}` : '',
    ]
      .filter(Boolean)
      .join('; ');
  }

  #goTo(step: number, say = true): void {
    this.#pause();
    const before = this.#step;
    this.#step = Math.min(this.#hops.length, Math.max(0, step));
    this.#slider.value = String(this.#step);
    const hop = this.#hops[this.#step - 1];
    this.#draw(this.#step, hop ? (hop.arrived ?? hop.left) : 0);
    if (before !== this.#step) this.#table.refresh();
    if (say) this.#said.textContent = hop ? this.#sentence(hop) : 'Before the first hop.';
    else this.#said.textContent = '';
  }

  #sentence(hop: Hop): string {
    const number = `Step ${this.#step} of ${this.#hops.length}`;
    const arrival = hop.arrived === undefined ? 'and was lost' : `and arrived after ${ms(hop.arrived - hop.left)}`;
    const again = this.#isTrunkRepeat(hop) ? ' A repeat: this datagram crossed it before.' : '';
    return `${number}: ${this.#link(hop)}, left at +${ms(hop.left)} ${arrival}, ${bytes(hop.bytes)}, bits ${hop.bits}.${again}`;
  }

  #link(hop: Hop): string {
    return this.#run.data.directions[hop.direction]?.name ?? 'unknown';
  }

  /** Whether the same datagram crossed the same trunk direction before. */
  #isTrunkRepeat(hop: Hop): boolean {
    if (this.#run.data.directions[hop.direction]?.kind !== 'trunk') return false;
    const first = this.#hops.find(
      ({ direction, datagram }) => direction === hop.direction && datagram === hop.datagram,
    );
    return first !== hop;
  }

  /** Shows the first `step` hops, and what is under way at a time. */
  #draw(step: number, time: number): void {
    const { directions } = this.#run.data;
    const most = new Uint16Array(directions.length);
    const counts = new Map<number, number>();
    const flying = [];
    const reached = new Set<number>();
    for (let i = 0; i < step; i++) {
      const hop = this.#hops[i]!;
      const key = hop.datagram * directions.length + hop.direction;
      const count = (counts.get(key) ?? 0) + 1;
      counts.set(key, count);
      if (count > most[hop.direction]!) most[hop.direction] = count;
      if (hop.arrived !== undefined && hop.arrived <= time) reached.add(directions[hop.direction]!.to);
      const far = hop.arrived === undefined ? 0.5 : (time - hop.left) / Math.max(1e-6, hop.arrived - hop.left);
      if (far <= 1 || i === step - 1)
        flying.push({ direction: hop.direction, far: Math.min(1, far), bad: this.#isRepeated(count, hop) });
    }
    const current = this.#hops[step - 1];
    for (let number = 0; number < directions.length; number++) {
      const times = most[number]!;
      const look = lookOf(this.#run, number, times) ?? (times === 1 ? 'crossed' : 'idle');
      this.#picture.show(number, { look, times, current: current?.direction === number });
    }
    this.#markNodes(reached, step === this.#hops.length);
    this.#picture.fly(step === this.#hops.length && this.#frame === undefined ? [] : flying.slice(-200));
  }

  #isRepeated(count: number, hop: Hop): boolean {
    return count > 1 && this.#run.data.directions[hop.direction]!.kind === 'trunk';
  }

  #markNodes(reached: ReadonlySet<number>, atEnd: boolean): void {
    for (const node of this.#addressed) {
      this.#picture.markNode(node, 'reached', reached.has(node));
      this.#picture.markNode(node, 'missed', atEnd && this.#missed.has(node));
    }
  }

  #clearNodes(): void {
    for (const [number] of this.#run.data.nodes.entries()) {
      for (const mark of ['sender', 'addressed', 'reached', 'missed'] as const)
        this.#picture.markNode(number, mark, false);
    }
  }

  #toggle(): void {
    if (this.#frame === undefined) this.#play();
    else {
      this.#pause();
      this.#table.refresh();
    }
  }

  #pause(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
    this.#playButton.textContent = 'Play';
  }

  /** Real times, stretched or shrunk so that the whole takes some seconds. */
  #play(): void {
    const from = this.#step >= this.#hops.length ? 0 : this.#step;
    let time = from === 0 ? 0 : this.#hops[from - 1]!.left;
    let last: number | undefined;
    this.#playButton.textContent = 'Pause';
    const tick = (now: number) => {
      const passed = last === undefined ? 0 : now - last;
      last = now;
      time += (passed / (PLAY_SECONDS * 1000)) * Number(this.#speed.value) * this.#end;
      let step = this.#step >= this.#hops.length ? 0 : this.#step;
      while (step < this.#hops.length && this.#hops[step]!.left <= time) step++;
      this.#step = step;
      this.#slider.value = String(step);
      if (time >= this.#end) {
        this.#goTo(this.#hops.length, false);
        this.#said.textContent = `Played to the end: ${ms(this.#end)}.`;
        return;
      }
      this.#frame = requestAnimationFrame(tick);
      this.#draw(step, time);
      this.#said.textContent = `+${ms(time)}`;
    };
    this.#frame = requestAnimationFrame(tick);
  }
}
