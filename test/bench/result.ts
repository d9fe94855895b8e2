import type { Machine } from './machine.ts';
import type { Figures, Unit } from './row.ts';

export interface Spread {
  median: number;
  min: number;
  max: number;
}

/** What came of one contender. */
export interface ContenderResult {
  name: string;
  peer: boolean;
  /** By figure; those it has. */
  figures: Record<string, Spread>;
  /** One entry a round. */
  runs: Figures[];
}

/** What came of a row. */
export interface RowResult {
  name: string;
  work: string;
  /** ISO 8601 */
  measuredAt: string;
  units: Record<string, Unit>;
  contenders: ContenderResult[];
  goals: { text: string; value: string; reached: boolean }[];
  /** Contenders that are not on this machine, and what would bring them. */
  missing: { contender: string; package: string }[];
}

/** What came of looking into programs: one line for each part of their work, one column for each program. */
export interface ProfileResult {
  name: string;
  work: string;
  measuredAt: string;
  unit: 'share' | 'bytes';
  columns: string[];
  lines: { part: string; values: (number | null)[] }[];
  /** More about each column, in words. */
  notes: string[];
}

/** All that is known of one machine. */
export interface Results {
  machine: Machine;
  rows: RowResult[];
  profiles: ProfileResult[];
}

/** Newer results in place of older ones of the same name, in the order of `names`. */
export function merge(older: Results | undefined, newer: Results, names: readonly string[]): Results {
  const both = <T extends { name: string }>(old: readonly T[] = [], fresh: readonly T[]): T[] =>
    [...old.filter(({ name }) => !fresh.some((one) => one.name === name)), ...fresh].sort(
      (a, b) => names.indexOf(a.name) - names.indexOf(b.name),
    );
  return {
    machine: newer.machine,
    rows: both(older?.rows, newer.rows),
    profiles: both(older?.profiles, newer.profiles),
  };
}

/** Name of the files for the results of a day on a machine, without an ending: `2026-01-31-amd-epyc-2-cores`. */
export function fileName({ cpu, cores }: Pick<Machine, 'cpu' | 'cores'>, at: string): string {
  const words = `${cpu} ${cores} cores`.toLowerCase().match(/[a-z0-9]+/g)!;
  return [at.slice(0, 10), ...words].join('-');
}
