import * as z from 'zod';
import { MAX_REPEATS } from '../constants.ts';
import { count, moment } from '../fields.ts';
import type { FlapStep } from '../topology.ts';
import { formatTime } from '../units.ts';
import type { StepKind } from './kind.ts';
import { linkNames, writeNames } from './links.ts';

const schema = z
  .strictObject({
    link: linkNames.describe('The link, or several that go together. Example: hub--core'),
    times: count.max(MAX_REPEATS).describe('How often it goes down and up again. Example: 100'),
    down: moment.describe('How long it is down each time. Example: 50ms'),
    up: moment.describe('How long it is up each time. Example: 50ms'),
  })
  .describe(
    'Takes a link down and up again, many times. Example: { link: hub--core, times: 100, down: 20ms, up: 20ms }',
  );

export const flap: StepKind<typeof schema, FlapStep> = {
  schema,
  read({ link, times, down, up }, scope) {
    const links = scope.requireLinks(['link'], link);
    for (const name of links) {
      if (scope.story.down.has(name)) scope.problem(['link'], `${name} is down already: a step above takes it down`);
    }
    return { kind: 'flap', links, times, down, up };
  },
  write: ({ links, times, down, up }) => ({
    link: writeNames(links),
    times,
    down: formatTime(down),
    up: formatTime(up),
  }),
};
