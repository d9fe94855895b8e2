import * as z from 'zod';
import type { BytesExpectation } from '../topology.ts';
import type { ExpectationKind } from './kind.ts';
import { linkSelection } from './links.ts';

const schema = z
  .strictObject({
    on: linkSelection,
    'per-payload': z
      .number()
      .min(0, 'must be at least 0')
      .describe('Bytes on a direction, headers and repeats included, for each byte of payload, at most. Example: 1.2'),
  })
  .describe(
    'Link stress: the bytes that cross one direction of a link against the payload that was sent, counted once however often it was repeated. Example: { on: trunks, per-payload: 1.2 }',
  );

export const bytes: ExpectationKind<typeof schema, BytesExpectation> = {
  schema,
  filters: ['phase', 'group'],
  read({ on, 'per-payload': perPayload }, scope) {
    return [{ kind: 'bytes', on: typeof on === 'string' ? on : scope.requireDirections(['on'], on), perPayload }];
  },
  write: ({ on, perPayload }) => ({ on, 'per-payload': perPayload }),
};
