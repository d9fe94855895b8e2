import type { Sighting } from './sighting.ts';

/**
 * Sightings on their way from the capture's thread to the main one: columns of numbers, and every text once. They change hands without being
 * copied, where as objects 200,000 of them would take seconds. Pure.
 */
export interface PackedSightings {
  count: number;
  times: Float64Array<ArrayBuffer>;
  rows: Uint32Array<ArrayBuffer>;
  texts: string[];
}

/** Numbers of a row, in this order: what `append` writes, `unpack` reads. */
const COLUMNS = 15;
const NO_REPLICAST = 0xffffffff;
const FIRST_CAPACITY = 4096;

export class SightingLog {
  #count = 0;
  #times = new Float64Array(FIRST_CAPACITY);
  #rows = new Uint32Array(FIRST_CAPACITY * COLUMNS);
  readonly #texts: string[] = [];
  readonly #numbers = new Map<string, number>();

  append(sighting: Sighting): void {
    if (this.#count === this.#times.length) this.#grow();
    const { id, replicast } = sighting;
    this.#times[this.#count] = sighting.time;
    const rows = this.#rows;
    let at = this.#count++ * COLUMNS;
    rows[at++] = this.#number(sighting.end);
    rows[at++] = sighting.way === 'out' ? 1 : 0;
    rows[at++] = Number.parseInt(id.slice(0, 8), 16);
    rows[at++] = Number.parseInt(id.slice(8), 16);
    rows[at++] = sighting.biftId;
    rows[at++] = sighting.ttl;
    rows[at++] = sighting.entropy;
    rows[at++] = this.#number(sighting.bits);
    rows[at++] = sighting.bytes;
    rows[at++] = this.#number(sighting.source);
    rows[at++] = this.#number(sighting.destination);
    if (replicast === undefined) {
      rows[at] = NO_REPLICAST;
      return;
    }
    // Kind and attempt are one byte each on the wire.
    rows[at++] = replicast.kind * 256 + replicast.attempt;
    rows[at++] = this.#number(replicast.txn);
    rows[at++] = replicast.index;
    rows[at] = replicast.count;
  }

  /** What was appended; the log is empty afterwards. The two arrays' buffers may be transferred. */
  pack(): PackedSightings {
    const packed = { count: this.#count, times: this.#times, rows: this.#rows, texts: [...this.#texts] };
    this.#count = 0;
    this.#times = new Float64Array(FIRST_CAPACITY);
    this.#rows = new Uint32Array(FIRST_CAPACITY * COLUMNS);
    this.#texts.length = 0;
    this.#numbers.clear();
    return packed;
  }

  #number(text: string): number {
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.#texts.push(text) - 1;
      this.#numbers.set(text, number);
    }
    return number;
  }

  #grow(): void {
    const times = new Float64Array(this.#times.length * 2);
    times.set(this.#times);
    this.#times = times;
    const rows = new Uint32Array(this.#rows.length * 2);
    rows.set(this.#rows);
    this.#rows = rows;
  }
}

/** The sightings again, in order of time. */
export function unpackSightings({ count, times, rows, texts }: PackedSightings): Sighting[] {
  const hex = (number: number) => number.toString(16).padStart(8, '0');
  const order = Uint32Array.from({ length: count }, (_, i) => i).sort((a, b) => times[a]! - times[b]! || a - b);
  return Array.from(order, (row): Sighting => {
    let at = row * COLUMNS;
    const next = () => rows[at++]!;
    const text = () => texts[next()]!;
    const sighting: Sighting = {
      end: text(),
      way: next() === 1 ? 'out' : 'in',
      time: times[row]!,
      id: hex(next()) + hex(next()),
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
      const replicast = { kind: kind >>> 8, txn: text(), attempt: kind & 0xff, index: next(), count: next() };
      sighting.replicast = replicast;
    }
    return sighting;
  });
}
