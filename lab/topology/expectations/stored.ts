import * as z from 'zod';
import type { StoredExpectation } from '../topology.ts';
import type { ExpectationKind } from './kind.ts';

const schema = z
  .int()
  .min(1, 'must be at least 1')
  .describe('Every put ends with so many replicas, each verified by its target. Example: 3');

export const stored: ExpectationKind<typeof schema, StoredExpectation> = {
  schema,
  filters: ['phase'],
  read: (replicas) => [{ kind: 'stored', replicas }],
  write: ({ replicas }) => replicas,
};
