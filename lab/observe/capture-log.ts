import type { Dissected } from './dissect.ts';
import type { Sighting } from './sighting.ts';

/**
 * Sightings on their way from the capture's thread to the main one: columns of numbers, every datagram once, every text once. They change
 * hands without being copied, where as objects 200,000 of them would take seconds. Pure.
 */
export interface PackedSightings {
  sightings: Table;
  datagrams: Table;
  /** Time, end and way of every frame that carried no datagram: it has a place in the capture file too. */
  others: Table;
  texts: string[];
}

/** Where and when a frame without an overlay datagram was seen. */
export type OtherFrame = Pick<Sighting, 'end' | 'way' | 'time'>;

/** Rows of numbers. */
export interface Table {
  rows: number;
  numbers: Float64Array<ArrayBuffer>;
}

/** Numbers of a row, in this order: time, end, way, row of the datagram. */
const SIGHTING = 4;
/** Identity (text), BIFT-id, TTL, entropy, bits (text), bytes, source (text), destination (text); kind, txn (text), attempt, index, count. */
const DATAGRAM = 13;
/** Time, end, way. */
const OTHER = 3;
const NO_REPLICAST = -1;

export class SightingLog {
  readonly #sightings = new Rows(SIGHTING);
  readonly #datagrams = new Rows(DATAGRAM);
  readonly #others = new Rows(OTHER);
  readonly #rowOf = new Map<Dissected, number>();
  readonly #texts = new Texts();

  /** @param datagram the same object for the same datagram as often as possible: each object takes a row. */
  append(datagram: Dissected, end: string, way: Sighting['way'], time: number): void {
    let row = this.#rowOf.get(datagram);
    if (row === undefined) {
      row = this.#appendDatagram(datagram);
      this.#rowOf.set(datagram, row);
    }
    this.#sightings.append([time, this.#texts.number(end), way === 'out' ? 1 : 0, row]);
  }

  /** Notes a frame without a datagram. */
  appendOther(end: string, way: Sighting['way'], time: number): void {
    this.#others.append([time, this.#texts.number(end), way === 'out' ? 1 : 0]);
  }

  #appendDatagram(datagram: Dissected): number {
    const { id, biftId, ttl, entropy, bits, bytes, source, destination, replicast } = datagram;
    const text = (value: string) => this.#texts.number(value);
    const { kind, txn, attempt, index, count } = replicast ?? NONE;
    return this.#datagrams.append([
      ...[text(id), biftId, ttl, entropy, text(bits), bytes, text(source), text(destination)],
      ...[kind, text(txn), attempt, index, count],
    ]);
  }

  /** Everything that was appended. The tables' buffers may be transferred: the log is of no use afterwards. */
  pack(): PackedSightings {
    return {
      sightings: this.#sightings.table(),
      datagrams: this.#datagrams.table(),
      others: this.#others.table(),
      texts: this.#texts.all,
    };
  }
}

const NONE = { kind: NO_REPLICAST, txn: '', attempt: 0, index: 0, count: 0 };

/** The sightings again, in order of time. Those of one datagram share its texts. */
export function unpackSightings({ sightings, datagrams, texts }: PackedSightings): Sighting[] {
  const parts = Array.from({ length: datagrams.rows }, (_, row) => readDatagram(datagrams.numbers, row, texts));
  const at = (row: number, column: number) => sightings.numbers[row * SIGHTING + column]!;
  const order = Uint32Array.from({ length: sightings.rows }, (_, row) => row);
  order.sort((a, b) => at(a, 0) - at(b, 0) || a - b);
  return Array.from(order, (row) => ({
    end: texts[at(row, 1)]!,
    way: at(row, 2) === 1 ? 'out' : 'in',
    time: at(row, 0),
    ...parts[at(row, 3)]!,
  }));
}

/** The frames without a datagram again, in the order in which they were read. */
export function unpackOthers({ others, texts }: PackedSightings): OtherFrame[] {
  return Array.from({ length: others.rows }, (_, row) => {
    const [time, end, way] = others.numbers.subarray(row * OTHER, (row + 1) * OTHER);
    return { end: texts[end!]!, way: way === 1 ? 'out' : 'in', time: time! };
  });
}

function readDatagram(numbers: Float64Array, row: number, texts: readonly string[]): Dissected {
  let at = row * DATAGRAM;
  const next = () => numbers[at++]!;
  const text = () => texts[next()]!;
  const datagram: Dissected = {
    id: text(),
    biftId: next(),
    ttl: next(),
    entropy: next(),
    bits: text(),
    bytes: next(),
    source: text(),
    destination: text(),
  };
  const kind = next();
  if (kind !== NO_REPLICAST) {
    datagram.replicast = { kind, txn: text(), attempt: next(), index: next(), count: next() };
  }
  return datagram;
}

/** A table that grows. */
class Rows {
  readonly #width: number;
  #rows = 0;
  #numbers = new Float64Array(1 << 14);

  constructor(width: number) {
    this.#width = width;
  }

  /** @returns the number of the new row. */
  append(values: readonly number[]): number {
    const at = this.#rows * this.#width;
    if (at + this.#width > this.#numbers.length) {
      const larger = new Float64Array(this.#numbers.length * 2);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    for (let i = 0; i < this.#width; i++) this.#numbers[at + i] = values[i]!;
    return this.#rows++;
  }

  table(): Table {
    return { rows: this.#rows, numbers: this.#numbers };
  }
}

/** Every text once; known by its position. */
class Texts {
  readonly all: string[] = [];
  readonly #numbers = new Map<string, number>();

  number(text: string): number {
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.all.push(text) - 1;
      this.#numbers.set(text, number);
    }
    return number;
  }
}
