import * as z from 'zod';
import type { QueueDropsExpectation } from '../topology.ts';
import type { ExpectationKind } from './kind.ts';
import { linkSelection } from './links.ts';

const schema = z
  .strictObject({
    on: linkSelection,
    'at-most': z
      .int()
      .min(0, 'must be at least 0')
      .default(0)
      .describe('How many frames a direction may lose. Example: 0'),
  })
  .describe(
    'Frames that found no room in the queue of a link, or in the socket at its end, by the counters of the kernel. Example: { on: all, at-most: 0 }',
  );

export const queueDrops: ExpectationKind<typeof schema, QueueDropsExpectation> = {
  schema,
  filters: [],
  read: ({ on, 'at-most': atMost }, scope) => [
    { kind: 'queue-drops', on: typeof on === 'string' ? on : scope.requireDirections(['on'], on), atMost },
  ],
  write: ({ on, atMost }) => ({ on, 'at-most': atMost }),
};
