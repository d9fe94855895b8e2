import { suggestion } from '../../src/document/index.ts';

/** One kind of quantity: its units, each with the factor that leads to the base unit. */
interface Quantity {
  /** As it appears in messages: `a rate`. */
  name: string;
  example: string;
  /** Unit, as written → base units in one of it. Larger units last. */
  units: ReadonlyMap<string, number>;
}

/** Base unit bit/s. */
const RATE: Quantity = {
  name: 'a rate',
  example: '100mbit',
  units: new Map([
    ['bit', 1],
    ['kbit', 1e3],
    ['mbit', 1e6],
    ['gbit', 1e9],
    ['tbit', 1e12],
  ]),
};

/** Base unit ns, so that every unit is a whole number of it; the functions below take and give ms. */
const TIME: Quantity = {
  name: 'a time',
  example: '5ms',
  units: new Map([
    ['ns', 1],
    ['us', 1e3],
    ['ms', 1e6],
    ['s', 1e9],
  ]),
};

/** Base unit byte. */
const SIZE: Quantity = {
  name: 'a size',
  example: '64KiB',
  units: new Map([
    ['B', 1],
    ['kB', 1e3],
    ['KiB', 1024],
    ['MB', 1e6],
    ['MiB', 1024 ** 2],
    ['GB', 1e9],
    ['GiB', 1024 ** 3],
  ]),
};

/** Base unit percent. */
const PERCENTAGE: Quantity = { name: 'a percentage', example: '0.1%', units: new Map([['%', 1]]) };

/** @throws RangeError with a message that says what to write instead. */
function parse(text: string, quantity: Quantity): number {
  const known = [...quantity.units.keys()];
  const help = `write a number and a unit, such as ${quantity.example} (units: ${known.join(', ')})`;
  const match = /^(-?)(\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*([a-zµ%/]*)$/i.exec(text.trim());
  if (!match) throw new RangeError(`"${text}" is not ${quantity.name}: ${help}`);
  const [, sign, digits, unit] = match as unknown as [string, string, string, string];
  if (sign) throw new RangeError(`"${text}" is negative: ${help}`);
  if (unit === '') throw new RangeError(`"${text}" has no unit: ${help}`);
  const spelled =
    known.find((name) => name === unit) ?? known.find((name) => name.toLowerCase() === unit.toLowerCase());
  if (spelled === undefined) throw new RangeError(`"${text}": no such unit "${unit}"${suggestion(unit, known)}`);
  const value = Number(digits) * quantity.units.get(spelled)!;
  if (!Number.isFinite(value)) throw new RangeError(`"${text}" is too large`);
  return value;
}

/** The shortest text that `parse` turns into `value` again, in the largest unit that leaves no fraction. */
function format(value: number, quantity: Quantity): string {
  for (const [unit, factor] of [...quantity.units].reverse()) {
    if (value !== 0 && Number.isInteger(value / factor)) return `${value / factor}${unit}`;
  }
  return `${value}${quantity.units.keys().next().value}`;
}

/** `1gbit` → 1000000000 bit/s. @throws RangeError */
export const parseRate = (text: string): number => parse(text, RATE);
export const formatRate = (bitsPerSecond: number): string => format(bitsPerSecond, RATE);

/** `20us` → 0.02 ms; the resolution is 1 ns. @throws RangeError */
export const parseTime = (text: string): number => Math.round(parse(text, TIME)) / 1e6;
export const formatTime = (ms: number): string => format(Math.round(ms * 1e6), TIME);

/** `64KiB` → 65536 bytes. @throws RangeError */
export function parseSize(text: string): number {
  const bytes = parse(text, SIZE);
  if (!Number.isSafeInteger(bytes)) throw new RangeError(`"${text}" is not a whole number of bytes`);
  return bytes;
}
/** Powers of two only (`1MiB`, `1500B`): one way of writing each size. */
export const formatSize = (bytes: number): string =>
  format(bytes, { ...SIZE, units: new Map([...SIZE.units].filter(([unit]) => unit === 'B' || unit.endsWith('iB'))) });

/** `0.1%` → 0.001. @throws RangeError */
export function parsePercentage(text: string): number {
  const percent = parse(text, PERCENTAGE);
  if (percent > 100) throw new RangeError(`"${text}" is more than 100%`);
  return percent / 100;
}
export function formatPercentage(probability: number): string {
  // Decimal fractions are not exact in binary: take the fewest digits that lead back to the same number.
  for (let digits = 1; digits <= 17; digits++) {
    const percent = Number((probability * 100).toPrecision(digits));
    if (percent / 100 === probability) return `${percent}%`;
  }
  return `${probability * 100}%`;
}

/** What a queue holds: bytes, or a number of full packets, whose size is known when the link is. */
export type QueueLength = { bytes: number } | { packets: number };

/** `64KiB`, or `100 packets`. @throws RangeError */
export function parseQueue(text: string): QueueLength {
  const packets = /^(\d+)\s*packets?$/.exec(text.trim());
  const length = packets ? { packets: Number(packets[1]) } : { bytes: parseSize(text) };
  if (Object.values(length)[0] === 0) throw new RangeError(`"${text}": a queue of 0 lets nothing through`);
  return length;
}

/** `1 zone`, `2 zones`. */
export const formatCount = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
