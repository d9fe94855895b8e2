import type * as z from 'zod';
import type { Scope } from '../scope.ts';
import type { Expectation, Filters } from '../topology.ts';
import type { FilterName } from './filters.ts';

/** What every expectation has besides what its kind says. */
type Common = 'should' | 'line' | keyof Filters;

/** One kind of expectation: how it is written, what it means, and what makes it wrong. */
export interface ExpectationKind<Schema extends z.ZodType, E extends Expectation> {
  /** The field beside the kind's name in the file. */
  schema: Schema;
  /** What an entry of this kind may be limited by. */
  filters: readonly FilterName[];
  /** Checks the names it uses, reports to `scope`, and says what is to be judged: one field may ask for several things. */
  read(declared: z.output<Schema>, scope: Scope): Omit<E, Common>[];
  /** The field again, such that reading it gives this one expectation. */
  write(expectation: E): z.input<Schema>;
}
