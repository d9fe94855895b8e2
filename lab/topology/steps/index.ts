import type * as z from 'zod';
import { down } from './down.ts';
import { flap } from './flap.ts';
import { get } from './get.ts';
import { heal } from './heal.ts';
import { impair } from './impair.ts';
import { kill } from './kill.ts';
import { partition } from './partition.ts';
import { pause } from './pause.ts';
import { put } from './put.ts';
import { restart } from './restart.ts';
import { resume } from './resume.ts';
import { run } from './run.ts';
import { send } from './send.ts';
import { up } from './up.ts';
import { waitFor } from './wait-for.ts';

/** Every kind of scenario step, by its name in the file. A new kind is a new file, an entry here and its type in topology.ts. */
export const stepKinds = {
  put,
  get,
  send,
  down,
  up,
  flap,
  impair,
  kill,
  pause,
  resume,
  restart,
  partition,
  heal,
  'wait-for': waitFor,
  run,
};

export type StepKindName = keyof typeof stepKinds;

/** One optional field a kind, for the schema of a step. */
export const stepFields = Object.fromEntries(
  Object.entries(stepKinds).map(([name, kind]) => [name, kind.schema.optional()]),
) as { [K in StepKindName]: z.ZodOptional<(typeof stepKinds)[K]['schema']> };
