import type * as z from 'zod';
import { bytes } from './bytes.ts';
import { counters } from './counters.ts';
import { delivered } from './delivered.ts';
import { goodput } from './goodput.ts';
import { latency } from './latency.ts';
import { queueDrops } from './queue-drops.ts';
import { recoversWithin } from './recovers-within.ts';
import { stored } from './stored.ts';
import { traversals } from './traversals.ts';

/** Every kind of expectation, by its name in the file. A new kind is a new file, an entry here and its type in topology.ts. */
export const expectationKinds = {
  delivered,
  traversals,
  stored,
  latency,
  goodput,
  bytes,
  counters,
  'queue-drops': queueDrops,
  'recovers-within': recoversWithin,
};

export type ExpectationKindName = keyof typeof expectationKinds;

/** One optional field a kind, for the schema of the expectations. */
export const expectationFields = Object.fromEntries(
  Object.entries(expectationKinds).map(([name, kind]) => [name, kind.schema.optional()]),
) as { [K in ExpectationKindName]: z.ZodOptional<(typeof expectationKinds)[K]['schema']> };
