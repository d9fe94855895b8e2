import * as z from 'zod';
import { MAX_REPEATS } from '../constants.ts';
import { count, moment, reference } from '../fields.ts';
import type { PauseStep } from '../topology.ts';
import { formatTime } from '../units.ts';
import type { StepKind } from './kind.ts';

const schema = z
  .union([
    z.string().transform((node) => ({ node, for: undefined, times: 1, apart: undefined })),
    z.strictObject({
      node: reference.describe('The host whose program stops. Example: t3'),
      for: moment.optional().describe('How long it stops; default: until it is resumed. Example: 200ms'),
      times: count.max(MAX_REPEATS).default(1).describe('How often. Example: 50'),
      apart: moment
        .optional()
        .describe('From the end of one pause to the next; default: as long as a pause. Example: 200ms'),
    }),
  ])
  .describe('Stops the program of a host where it stands (SIGSTOP). Example: { node: t3, for: 200ms }');

export const pause: StepKind<typeof schema, PauseStep> = {
  schema,
  read({ node, for: length, times, apart }, scope) {
    scope.requireProgram(['node'], node, 'a pause');
    const { story } = scope;
    if (story.dead.has(node)) scope.problem(['node'], `${node} is dead: a step above kills it`);
    else if (story.paused.has(node)) scope.problem(['node'], `${node} is paused already: resume it first`);
    if (length === undefined) {
      if (times > 1) scope.problem(['times'], 'a pause that is repeated has an end: add for, such as for: 200ms');
      if (apart !== undefined) scope.problem(['apart'], 'apart is the time between pauses: add for and times');
      story.paused.add(node);
    }
    return {
      kind: 'pause',
      node,
      times,
      apart: apart ?? length ?? 0,
      ...(length !== undefined && { for: length }),
    };
  },
  write: ({ node, for: length, times, apart }) =>
    length === undefined ? { node } : { node, for: formatTime(length), times, apart: formatTime(apart) },
};
