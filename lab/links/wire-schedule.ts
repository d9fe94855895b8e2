/** What is due when: a binary heap; of things due at the same time, what was added first comes first. Pure. */
export class Schedule<T> {
  readonly #items: { at: number; order: number; item: T }[] = [];
  #added = 0;

  get size(): number {
    return this.#items.length;
  }

  /** When the next one is due; `Infinity` when there is none. */
  get next(): number {
    return this.#items[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  add(at: number, item: T): void {
    const items = this.#items;
    const entry = { at, order: this.#added++, item };
    let place = items.length;
    // Mostly things are due in the order in which they come: then the loop ends at once.
    while (place > 0) {
      const parent = (place - 1) >>> 1;
      if (!isBefore(entry, items[parent]!)) break;
      items[place] = items[parent]!;
      place = parent;
    }
    items[place] = entry;
  }

  /** Takes the next one that is due at `now` or was before; `undefined` when nothing is. */
  take(now: number): T | undefined {
    const items = this.#items;
    const first = items[0];
    if (first === undefined || first.at > now) return undefined;
    const last = items.pop()!;
    if (items.length > 0) this.#sink(last);
    return first.item;
  }

  /** Puts an entry where the first was, and down from there. */
  #sink(entry: { at: number; order: number; item: T }): void {
    const items = this.#items;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && isBefore(items[child + 1]!, items[child]!)) child++;
      if (!isBefore(items[child]!, entry)) break;
      items[place] = items[child]!;
      place = child;
    }
    items[place] = entry;
  }
}

function isBefore(a: { at: number; order: number }, b: { at: number; order: number }): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
