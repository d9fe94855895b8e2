import * as z from 'zod';
import { capacity, reference } from '../fields.ts';
import type { GoodputExpectation } from '../topology.ts';
import { formatRate } from '../units.ts';
import type { ExpectationKind } from './kind.ts';

const schema = z
  .strictObject({
    'at-least': capacity.describe('Bits of objects put per second of putting. Example: 80mbit'),
    from: reference.optional().describe('Only the puts of this initiator. Example: i1'),
  })
  .describe(
    'How fast objects are put: their bits, per second in which a put is under way. Example: { at-least: 80mbit }',
  );

export const goodput: ExpectationKind<typeof schema, GoodputExpectation> = {
  schema,
  filters: ['phase'],
  read({ 'at-least': atLeast, from }, scope) {
    if (from !== undefined) scope.requireHost(['from'], from, ['initiator'], 'a put');
    return [{ kind: 'goodput', atLeast, ...(from !== undefined && { from }) }];
  },
  write: ({ atLeast, from }) => ({ 'at-least': formatRate(atLeast), ...(from !== undefined && { from }) }),
};
