import * as z from 'zod';
import { reference } from '../fields.ts';
import type { GetStep } from '../topology.ts';
import type { StepKind } from './kind.ts';

const schema = z
  .strictObject({ by: reference.describe('The initiator that reads. Example: i1') })
  .describe('Reads back every object that the scenario has put so far, and compares. Example: { by: i1 }');

export const get: StepKind<typeof schema, GetStep> = {
  schema,
  read(declared, scope) {
    scope.requireHost(['by'], declared.by, ['initiator'], 'a get');
    return { kind: 'get', by: declared.by };
  },
  write: ({ by }) => ({ by }),
};
