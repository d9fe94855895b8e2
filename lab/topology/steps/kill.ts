import * as z from 'zod';
import { reference } from '../fields.ts';
import type { KillStep } from '../topology.ts';
import type { StepKind } from './kind.ts';

const schema = z
  .strictObject({ node: reference.describe('The host whose program is killed. Example: t3') })
  .describe('Kills the program of a host with SIGKILL. Example: { node: t3 }');

export const kill: StepKind<typeof schema, KillStep> = {
  schema,
  read(declared, scope) {
    const runs = scope.hosts.get(declared.node)?.run !== undefined;
    if (!runs) scope.requireHost(['node'], declared.node, ['target', 'initiator', 'mrouter'], 'a kill');
    return { kind: 'kill', node: declared.node };
  },
  write: ({ node }) => ({ node }),
};
