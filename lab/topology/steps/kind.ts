import type * as z from 'zod';
import type { Scope } from '../scope.ts';
import type { Step } from '../topology.ts';

/** What every step has besides what its kind says. */
type Common = 'at' | 'after' | 'phase' | 'line';

/** One kind of scenario step: how it is written, what it means, and what makes it wrong. */
export interface StepKind<Schema extends z.ZodType, S extends Step> {
  /** The field beside the kind's name in the file. */
  schema: Schema;
  /** Checks the names it uses, reports to `scope`, and fills in defaults. */
  read(declared: z.output<Schema>, scope: Scope): Omit<S, Common>;
  /** The field again, such that reading it gives the same step. */
  write(step: S): z.input<Schema>;
}
