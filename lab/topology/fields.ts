import * as z from 'zod';
import { MAX_DELAY, MAX_NAME_LENGTH, MAX_RATE, MAX_SCENARIO_TIME, MIN_RATE, RESERVED_NAMES } from './constants.ts';
import { formatRate, formatTime, parsePercentage, parseQueue, parseRate, parseSize, parseTime } from './units.ts';

/** A field that a person writes as text and the program uses as what `read` makes of it. `read` throws RangeError. */
function text<T>(what: string, read: (text: string) => T) {
  return z.string({ error: `expected ${what}` }).transform((value, context): T => {
    try {
      return read(value);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
      return z.NEVER;
    }
  });
}

function between(value: number, least: number, most: number, format: (value: number) => string): number {
  if (value < least)
    throw new RangeError(`${format(value)} is less than ${format(least)}, the least that can be asked`);
  if (value > most) throw new RangeError(`${format(value)} is more than ${format(most)}, the most that can be asked`);
  return value;
}

/** A name of something declared in the file. */
export const name = z
  .string()
  .max(MAX_NAME_LENGTH, `a name has at most ${MAX_NAME_LENGTH} characters (it also names a network interface)`)
  .regex(/^[a-z][a-z0-9-]*$/, 'a name is made of lower-case letters, digits and "-", and begins with a letter')
  .refine((value) => !RESERVED_NAMES.includes(value), {
    error: (issue) => `"${issue.input}" is reserved, choose another name (reserved: ${RESERVED_NAMES.join(', ')})`,
  });

/** A name of something declared elsewhere in the file; whether it exists is checked by what it means. */
export const reference = z.string();

/** bit/s. `unlimited` is Infinity: it takes back a default. */
export const rate = text('a rate with its unit, such as 100mbit', (value) =>
  value === 'unlimited' ? Number.POSITIVE_INFINITY : between(parseRate(value), MIN_RATE, MAX_RATE, formatRate),
);
/** bit/s, never unlimited. */
export const capacity = text('a rate with its unit, such as 1gbit', (value) =>
  between(parseRate(value), MIN_RATE, MAX_RATE, formatRate),
);
/** ms of a link. */
export const delay = text('a time with its unit, such as 5ms', (value) =>
  between(parseTime(value), 0, MAX_DELAY, formatTime),
);
/** ms of a scenario. */
export const moment = text('a time with its unit, such as 2s', (value) =>
  between(parseTime(value), 0, MAX_SCENARIO_TIME, formatTime),
);
export const queue = text(
  'a size with its unit, such as 64KiB, or a number of packets, such as 100 packets',
  parseQueue,
);
/** Probability, 0 to 1. */
export const probability = text('a percentage, such as 0.1%', parsePercentage);

/** Bytes, at least 1: a whole number, or text with a unit. */
export const size = z
  .union([z.int(), text('a size with its unit, such as 1MiB', parseSize)])
  .refine((bytes) => bytes >= 1, 'must be at least 1 byte');

/** A program and its arguments. */
export const command = z
  .array(z.union([z.string(), z.number()]).transform(String))
  .min(1, 'a command needs at least the name of a program');

export const count = z.int().min(1, 'must be at least 1');
