import * as z from 'zod';
import type { DeliveredExpectation } from '../topology.ts';
import type { ExpectationKind } from './kind.ts';

const schema = z
  .enum(['all', 'after-repair'])
  .describe(
    'all: every datagram reaches each addressed target exactly once, and nobody else. after-repair, where links lose frames: every part of a Replicast chunk reaches each addressed target in some attempt, nothing else need arrive, and nobody else gets anything. Example: all',
  );

export const delivered: ExpectationKind<typeof schema, DeliveredExpectation> = {
  schema,
  filters: ['phase', 'group', 'links'],
  read: (declared) => [{ kind: 'delivered', repaired: declared === 'after-repair' }],
  write: ({ repaired }) => (repaired ? 'after-repair' : 'all'),
};
