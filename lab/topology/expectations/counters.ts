import * as z from 'zod';
import { reference } from '../fields.ts';
import type { CountersExpectation } from '../topology.ts';
import type { ExpectationKind } from './kind.ts';

const number = z.number().min(0, 'must be at least 0');

const schema = z
  .strictObject({
    name: z
      .string()
      .min(1)
      .describe(
        'Counter, by its name in mrouter ctl counters; of several under one name their sum. Example: dropped.loop, or dropped',
      ),
    node: reference.optional().describe('Only this node; default: the sum of all nodes. Example: t3'),
    'at-least': number.optional().describe('The least that it may have counted. Example: 1'),
    'at-most': number.optional().describe('The most that it may have counted. Example: 10'),
    exactly: number.optional().describe('What it must have counted. Example: 0'),
  })
  .describe('What nodes have counted by the end, or during a phase. Example: { name: dropped.loop, exactly: 0 }');

export const counters: ExpectationKind<typeof schema, CountersExpectation> = {
  schema,
  filters: ['phase'],
  read({ name, node, 'at-least': atLeast, 'at-most': atMost, exactly }, scope) {
    if (node !== undefined) scope.requireHost(['node'], node, ['target', 'initiator', 'mrouter'], 'a counter');
    const bounds = [atLeast, atMost, exactly].filter((bound) => bound !== undefined);
    if (bounds.length === 0 || (exactly !== undefined && bounds.length > 1)) {
      scope.problem([], 'counters has either exactly, or at-least, or at-most, or both of these');
    }
    if (atLeast !== undefined && atMost !== undefined && atLeast > atMost) {
      scope.problem(['at-least'], `at least ${atLeast} and at most ${atMost} cannot both hold`);
    }
    return [
      {
        kind: 'counters',
        counter: name,
        ...(node !== undefined && { node }),
        ...(exactly !== undefined ? { atLeast: exactly, atMost: exactly } : {}),
        ...(atLeast !== undefined && { atLeast }),
        ...(atMost !== undefined && { atMost }),
      },
    ];
  },
  write: ({ counter, node, atLeast, atMost }) => ({
    name: counter,
    ...(node !== undefined && { node }),
    ...(atLeast !== undefined && atLeast === atMost
      ? { exactly: atLeast }
      : { ...(atLeast !== undefined && { 'at-least': atLeast }), ...(atMost !== undefined && { 'at-most': atMost }) }),
  }),
};
