import { h } from './dom.ts';

/** A column: what a row shows there, and, when that does not sort right by itself, what it is sorted by. */
export interface Column<R> {
  title: string;
  text: (row: R) => string;
  value?: (row: R) => number | string;
  /** In place of plain text. */
  cell?: (row: R) => Node;
}

export interface TableOptions<R> {
  /** What the table shows: also its name for screen readers. */
  caption: string;
  columns: Column<R>[];
  rows: readonly R[];
  /** What a row does when it is chosen. */
  choose?: (row: R) => void;
  /** Whether a row is the one that is shown elsewhere. */
  chosen?: (row: R) => boolean;
  /** Draws attention to a row. */
  mark?: (row: R) => 'bad' | 'warn' | undefined;
}

/** Rows on the page at a time: more are a button away. */
const PAGE = 100;

/** A table that sorts by a click on a heading and filters by words; all of them must occur in a row. */
export class Table<R> {
  readonly element: HTMLElement;
  readonly #options: TableOptions<R>;
  readonly #body = h('tbody');
  readonly #status = h('p', { class: 'table-status', role: 'status' });
  readonly #more = h('button', { type: 'button', click: () => this.#showMore() }, 'Show more');
  #rows: readonly R[];
  #found: R[] = [];
  #shown = PAGE;
  #sort: { column: Column<R>; down: boolean } | undefined;
  #words: string[] = [];

  constructor(options: TableOptions<R>) {
    this.#options = options;
    this.#rows = options.rows;
    const filter = h('input', {
      type: 'search',
      placeholder: 'Filter',
      'aria-label': `Filter: ${options.caption}`,
      input: () => {
        this.#words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
        this.#shown = PAGE;
        this.refresh();
      },
    });
    const heads = options.columns.map((column) => {
      const [first] = options.rows;
      const isNumber = first !== undefined && typeof (column.value?.(first) ?? '') === 'number';
      const head = h('th', { scope: 'col', 'aria-sort': 'none', class: isNumber ? 'number' : undefined });
      head.append(h('button', { type: 'button', click: () => this.#sortBy(column, head) }, column.title));
      return head;
    });
    this.element = h(
      'div',
      { class: 'table' },
      h('div', { class: 'table-head' }, filter, this.#status),
      h(
        'div',
        { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': options.caption },
        h('table', {}, h('caption', {}, options.caption), h('thead', {}, h('tr', {}, ...heads)), this.#body),
      ),
      this.#more,
    );
    this.refresh();
  }

  /** Shows other rows under the same headings. */
  replace(rows: readonly R[]): void {
    this.#rows = rows;
    this.#shown = PAGE;
    this.refresh();
  }

  /** Draws again: something that rows depend on has changed. */
  refresh(): void {
    const { columns } = this.#options;
    const matches = (row: R) => {
      const text = columns
        .map((column) => column.text(row))
        .join(' ')
        .toLowerCase();
      return this.#words.every((word) => text.includes(word));
    };
    this.#found = this.#words.length === 0 ? [...this.#rows] : this.#rows.filter(matches);
    if (this.#sort) {
      const { column, down } = this.#sort;
      const value = column.value ?? column.text;
      const keyed = this.#found.map((row) => ({ row, key: value(row) }));
      keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0) * (down ? -1 : 1));
      this.#found = keyed.map(({ row }) => row);
    }
    this.#body.replaceChildren(...this.#found.slice(0, this.#shown).map((row) => this.#row(row)));
    this.#scrollToChosen();
    this.#say();
  }

  /** Within the table only: the page stays where it is. */
  #scrollToChosen(): void {
    const row = this.#body.querySelector<HTMLElement>('[aria-current]');
    const frame = row?.closest<HTMLElement>('.scroll');
    if (!row || !frame) return;
    const room = frame.clientHeight - row.offsetHeight;
    if (row.offsetTop < frame.scrollTop + row.offsetHeight) frame.scrollTop = row.offsetTop - row.offsetHeight;
    else if (row.offsetTop > frame.scrollTop + room) frame.scrollTop = row.offsetTop - room;
  }

  #row(row: R): HTMLElement {
    const { columns, choose, chosen, mark } = this.#options;
    const cells = columns.map((column, index) => {
      const content = column.cell?.(row) ?? column.text(row);
      const isNumber = typeof (column.value?.(row) ?? '') === 'number';
      if (index > 0 || !choose) return h('td', { class: isNumber ? 'number' : undefined }, content);
      // The first cell is what a keyboard chooses the row by.
      return h('td', {}, h('button', { type: 'button', class: 'choose', click: () => choose(row) }, content));
    });
    return h('tr', { class: mark?.(row), 'aria-current': chosen?.(row) ? 'true' : undefined }, ...cells);
  }

  #sortBy(column: Column<R>, head: HTMLElement): void {
    const down = this.#sort?.column === column ? !this.#sort.down : false;
    this.#sort = { column, down };
    for (const other of head.parentElement!.children) other.setAttribute('aria-sort', 'none');
    head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
    this.refresh();
  }

  #showMore(): void {
    const from = this.#shown;
    this.#shown += PAGE * 5;
    this.#body.append(...this.#found.slice(from, this.#shown).map((row) => this.#row(row)));
    this.#say();
  }

  #say(): void {
    const shown = Math.min(this.#shown, this.#found.length);
    const all = this.#rows.length;
    const found = this.#found.length === all ? `${all}` : `${this.#found.length} of ${all}`;
    this.#status.textContent = shown < this.#found.length ? `${found} rows, the first ${shown} shown` : `${found} rows`;
    this.#more.hidden = shown >= this.#found.length;
  }
}
