import * as z from 'zod';
import type { DeliveredExpectation } from '../topology.ts';
import type { ExpectationKind } from './kind.ts';

const schema = z
  .literal('all', 'expected all')
  .describe('Every datagram reaches each addressed target exactly once, and nobody else. Example: all');

export const delivered: ExpectationKind<typeof schema, DeliveredExpectation> = {
  schema,
  read: () => [{ kind: 'delivered' }],
  write: () => 'all',
};
