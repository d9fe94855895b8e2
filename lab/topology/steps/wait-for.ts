import * as z from 'zod';
import { DEFAULT_PATIENCE } from '../constants.ts';
import { count, moment, reference } from '../fields.ts';
import type { Scope } from '../scope.ts';
import type { Condition, WaitForStep } from '../topology.ts';
import { formatTime } from '../units.ts';
import type { StepKind } from './kind.ts';

const schema = z
  .strictObject({
    event: z
      .string()
      .min(1)
      .optional()
      .describe('An event that nodes write, counted from the start of the scenario. Example: accepted'),
    counter: z.string().min(1).optional().describe('A counter of a node, by name. Example: relayed, or dropped.loop'),
    ready: reference.optional().describe('A host whose program is ready. Example: t3'),
    dead: reference.optional().describe('A host whose program has ended. Example: t3'),
    puts: z.literal('done', 'expected done').optional().describe('Every put that has begun has ended. Example: done'),
    node: reference.optional().describe('Only events of this node; the node that counts. Example: t3'),
    count: count.optional().describe('How many events; default 1. Example: 3'),
    'at-least': count.optional().describe('What the counter reaches; default 1. Example: 100'),
    within: moment
      .default(DEFAULT_PATIENCE)
      .describe('The step fails when it has not come true by then; default 10s. Example: 5s'),
  })
  .describe('Waits until something is true. Example: { event: stored, node: t3, within: 5s }');

type Declared = z.output<typeof schema>;

const KINDS = ['event', 'counter', 'ready', 'dead', 'puts'] as const;
/** What goes with which. */
const DETAILS = { node: ['event', 'counter'], count: ['event'], 'at-least': ['counter'] } as const;

export const waitFor: StepKind<typeof schema, WaitForStep> = {
  schema,
  read(declared, scope) {
    const kinds = KINDS.filter((kind) => declared[kind] !== undefined);
    const [kind] = kinds;
    if (kind === undefined || kinds.length > 1) {
      const found = kinds.length > 1 ? `: split ${kinds.join(' and ')}` : ', and this is none';
      scope.problem([], `a wait-for is exactly one of ${KINDS.join(', ')}${found}`);
    } else {
      for (const [field, fitting] of Object.entries(DETAILS) as [keyof typeof DETAILS, readonly string[]][]) {
        if (declared[field] === undefined || fitting.includes(kind)) continue;
        scope.problem([field], `${field} goes with ${fitting.join(' or ')}, not with ${kind}`);
      }
    }
    return { kind: 'wait-for', condition: condition(kind, declared, scope), within: declared.within };
  },
  write: ({ condition, within }) => ({ ...writeCondition(condition), within: formatTime(within) }),
};

function condition(kind: (typeof KINDS)[number] | undefined, declared: Declared, scope: Scope): Condition {
  const { event = '', counter = '', node, count = 1, 'at-least': atLeast = 1 } = declared;
  if (node !== undefined) scope.requireProgram(['node'], node, 'a wait-for');
  switch (kind) {
    case 'counter':
      if (node === undefined) scope.problem([], 'which node counts? Add node, such as node: t3');
      return { kind, counter, node: node ?? '', atLeast };
    case 'ready':
    case 'dead':
      scope.requireProgram([kind], declared[kind]!, 'a wait-for');
      return { kind, node: declared[kind]! };
    case 'puts':
      return { kind };
    default:
      return { kind: 'event', event, count, ...(node !== undefined && { node }) };
  }
}

function writeCondition(condition: Condition): Partial<z.input<typeof schema>> {
  switch (condition.kind) {
    case 'event': {
      const { kind: _, ...fields } = condition;
      return fields;
    }
    case 'counter':
      return { counter: condition.counter, node: condition.node, 'at-least': condition.atLeast };
    case 'ready':
      return { ready: condition.node };
    case 'dead':
      return { dead: condition.node };
    case 'puts':
      return { puts: 'done' };
  }
}
