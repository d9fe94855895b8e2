/** What `npm run bench` is made of: rows, each a piece of work that several contenders do in turn. */

/** Figures of one run, by name; times in ms, sizes in bytes, rates in bit/s. */
export type Figures = Record<string, number>;

export type Unit = 'ms' | 'bytes' | 'bit/s' | 'ratio';

/** What the user may ask for in place of what a row does by itself. */
export interface Asked {
  /** How long rows last that are about what happens in time, s. */
  seconds?: number | undefined;
}

/** Somebody who can do the work of a row. */
export interface Contender {
  name: string;
  /** Not ours: the first of ours is compared with it. */
  peer?: true;
  /** A program that must be there, and the Debian package that brings it; a contender without it is left out by name. */
  needs?: { program: string; package: string };
  /** Does the work once, in a network of its own. @throws Error when it could not, or did it wrong */
  run(asked: Asked): Promise<Figures>;
}

/** What a row is meant to reach, judged from the medians. */
export interface Goal {
  text: string;
  /** What was measured, and whether that is enough; undefined when a contender was missing. */
  judge(
    median: (contender: string, figure: string) => number | undefined,
  ): { value: string; reached: boolean } | undefined;
}

export interface Row {
  name: string;
  /** One line for the table: what is done. */
  work: string;
  /** How often each contender does it. */
  rounds: number;
  /** The first one is ours. */
  contenders: Contender[];
  /** The figures for the table, with their units; the first one is what contenders are compared by. */
  figures: Record<string, Unit>;
  goals: Goal[];
}
