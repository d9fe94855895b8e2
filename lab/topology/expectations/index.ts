import type * as z from 'zod';
import { delivered } from './delivered.ts';
import { latency } from './latency.ts';
import { stored } from './stored.ts';
import { traversals } from './traversals.ts';

/** Every kind of expectation, by its name in the file. A new kind is a new file, an entry here and its type in topology.ts. */
export const expectationKinds = { delivered, traversals, stored, latency };

export type ExpectationKindName = keyof typeof expectationKinds;

/** One optional field a kind, for the schema of the expectations. */
export const expectationFields = Object.fromEntries(
  Object.entries(expectationKinds).map(([name, kind]) => [name, kind.schema.optional()]),
) as { [K in ExpectationKindName]: z.ZodOptional<(typeof expectationKinds)[K]['schema']> };
