import type * as z from 'zod';
import { get } from './get.ts';
import { kill } from './kill.ts';
import { put } from './put.ts';
import { send } from './send.ts';

/** Every kind of scenario step, by its name in the file. A new kind is a new file, an entry here and its type in topology.ts. */
export const stepKinds = { put, get, send, kill };

export type StepKindName = keyof typeof stepKinds;

/** One optional field a kind, for the schema of a step. */
export const stepFields = Object.fromEntries(
  Object.entries(stepKinds).map(([name, kind]) => [name, kind.schema.optional()]),
) as { [K in StepKindName]: z.ZodOptional<(typeof stepKinds)[K]['schema']> };
