import { InvalidArgumentError } from 'commander';

/** One of several equal parts of a suite, counted from 1. */
export interface Shard {
  part: number;
  of: number;
}

/** Reads `3/8`. @throws InvalidArgumentError (commander's). Pure. */
export function parseShard(text: string): Shard {
  const [, part, of] = /^(\d+)\/(\d+)$/.exec(text)?.map(Number) ?? [];
  if (part === undefined || of === undefined || part < 1 || part > of) {
    throw new InvalidArgumentError('it takes a part and their number, such as 3/8');
  }
  return { part, of };
}

/** The members of a part: every so-manyth, so that long and short neighbours are spread, and all parts together are the whole. Pure. */
export function inShard<T>(all: readonly T[], { part, of }: Shard): T[] {
  return all.filter((_, index) => index % of === part - 1);
}
