import { type PageData, TICKS } from '../page-data.ts';

/** A traversal of one of the datagrams that are looked at; times in ms after the first of them was sent. */
export interface Hop {
  datagram: number;
  direction: number;
  left: number;
  /** When it arrived; `undefined`: never. */
  arrived: number | undefined;
  bits: string;
  ttl: number;
  bytes: number;
}

/** What crossed one direction in the whole run. */
export interface Load {
  crossings: number;
  bytes: number;
  /** Most crossings by one datagram, and which that was. */
  most: number;
  worst: number;
}

/** The data of the page, and what is worked out of it. */
export class Run {
  readonly data: PageData;
  readonly #firstHop: Uint32Array;
  readonly #firstDelivery: Uint32Array;
  readonly #rowOf = new Map<string, number>();

  constructor(data: PageData) {
    this.data = data;
    this.#firstHop = starts(data.datagrams.hops);
    this.#firstDelivery = starts(data.datagrams.deliveries);
    for (const [row, id] of data.datagrams.id.entries()) this.#rowOf.set(id, row);
  }

  get count(): number {
    return this.data.datagrams.id.length;
  }

  rowOf(id: string): number | undefined {
    return this.#rowOf.get(id);
  }

  node(number: number): string {
    return this.data.nodes[number]?.name ?? 'unknown';
  }

  /** ms since the beginning. */
  at(datagram: number): number {
    return this.data.datagrams.at[datagram]! / TICKS;
  }

  targets(datagram: number): number[] {
    return this.data.targetSets[this.data.datagrams.to[datagram]!] ?? [];
  }

  /** `Data 7`, `PutBid`, or nothing for what is not Replicast's. */
  message(datagram: number): string {
    const { kind, index, attempt } = this.data.datagrams;
    const name = this.data.kinds[kind[datagram]!];
    if (name === undefined) return '';
    const part = /Data/.test(name) ? ` ${index[datagram]}` : '';
    return `${name}${part}${attempt[datagram]! > 1 ? ` attempt ${attempt[datagram]}` : ''}`;
  }

  /** Every datagram of a transaction. */
  ofTransaction(transaction: number): number[] {
    const found: number[] = [];
    const column = this.data.datagrams.transaction;
    for (let row = 0; row < column.length; row++) if (column[row] === transaction) found.push(row);
    return found;
  }

  /** Every traversal of some datagrams, in order of time. */
  hops(datagrams: readonly number[]): Hop[] {
    const { direction, left, took, copy } = this.data.hops;
    const origin = Math.min(...datagrams.map((row) => this.data.datagrams.at[row]!));
    const hops: Hop[] = [];
    for (const datagram of datagrams) {
      const offset = this.data.datagrams.at[datagram]! - origin;
      for (let i = this.#firstHop[datagram]!; i < this.#firstHop[datagram + 1]!; i++) {
        const [bits, ttl, bytes] = this.data.copies[copy[i]!]!;
        const begin = offset + left[i]!;
        const arrived = took[i]! < 0 ? undefined : (begin + took[i]!) / TICKS;
        hops.push({ datagram, direction: direction[i]!, left: begin / TICKS, arrived, bits, ttl, bytes });
      }
    }
    return hops.sort((a, b) => a.left - b.left);
  }

  /** Hand-overs of a datagram to applications; times in ms after it was sent. */
  deliveries(datagram: number): { node: number; took: number; floor: number | undefined }[] {
    const { node, took, floor } = this.data.deliveries;
    const found = [];
    for (let i = this.#firstDelivery[datagram]!; i < this.#firstDelivery[datagram + 1]!; i++) {
      found.push({
        node: node[i]!,
        took: took[i]! / TICKS,
        floor: floor[i]! < 0 ? undefined : floor[i]! / TICKS,
      });
    }
    return found;
  }

  /** Hosts that a datagram addressed and that never got it. */
  missing(datagram: number): number[] {
    const got = new Set<number>();
    for (let i = this.#firstDelivery[datagram]!; i < this.#firstDelivery[datagram + 1]!; i++) {
      got.add(this.data.deliveries.node[i]!);
    }
    return this.targets(datagram).filter((node) => !got.has(node));
  }

  /** By direction, in the order of `data.directions`; and by datagram the most crossings of one trunk direction. */
  loads(): { loads: Load[]; repeats: Uint16Array } {
    const { directions, hops, copies } = this.data;
    const loads = directions.map(({ bytes = 0 }): Load => ({ crossings: 0, bytes, most: 0, worst: -1 }));
    const repeats = new Uint16Array(this.count);
    const counts = new Uint16Array(directions.length);
    for (let row = 0; row < this.count; row++) {
      const [first, end] = [this.#firstHop[row]!, this.#firstHop[row + 1]!];
      for (let i = first; i < end; i++) {
        const direction = hops.direction[i]!;
        const load = loads[direction];
        if (!load) continue;
        const count = ++counts[direction]!;
        load.crossings++;
        load.bytes += copies[hops.copy[i]!]![2];
        if (count > load.most) Object.assign(load, { most: count, worst: row });
        if (directions[direction]!.kind === 'trunk' && count > repeats[row]!) repeats[row] = count;
      }
      for (let i = first; i < end; i++) counts[hops.direction[i]!] = 0;
    }
    return { loads, repeats };
  }
}

/** Where the rows of each begin in the columns of all; one more at the end. */
function starts(lengths: readonly number[]): Uint32Array {
  const first = new Uint32Array(lengths.length + 1);
  for (let i = 0; i < lengths.length; i++) first[i + 1] = first[i]! + lengths[i]!;
  return first;
}
