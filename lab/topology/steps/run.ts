import * as z from 'zod';
import { DEFAULT_PATIENCE } from '../constants.ts';
import { command, moment, reference } from '../fields.ts';
import { checkTemplates } from '../templates.ts';
import type { RunStep } from '../topology.ts';
import { formatTime } from '../units.ts';
import type { StepKind } from './kind.ts';

const schema = z
  .strictObject({
    node: reference.describe('The host, switch or router in whose namespace it runs. Example: t3'),
    command: command.describe(
      'Program and arguments; $t1.address and $t1.overlay stand for addresses of t1. Example: [ping, -c, 1, $t1.address]',
    ),
    within: moment
      .default(DEFAULT_PATIENCE)
      .describe('It is killed, and the step fails, after that; default 10s. Example: 5s'),
  })
  .describe(
    'Runs a command, which must end with exit code 0. Example: { node: t3, command: [ping, -c, 1, $t1.address] }',
  );

export const run: StepKind<typeof schema, RunStep> = {
  schema,
  read({ node, command, within }, scope) {
    scope.requireNode(['node'], node);
    for (const { index, message } of checkTemplates(command, [...scope.hosts.keys()])) {
      scope.problem(['command', index], message);
    }
    return { kind: 'run', node, command, within };
  },
  write: ({ node, command, within }) => ({ node, command, within: formatTime(within) }),
};
