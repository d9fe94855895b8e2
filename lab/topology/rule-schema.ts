import * as z from 'zod';
import { Kind, type KindName } from '../../src/replicast/prefix.ts';
import { count, delay, reference } from './fields.ts';

/** `attempt` has 8 bits on the wire. */
const MAX_ATTEMPT = 255;

const index = z.int().min(0, 'an index counts from 0');

/** Which frames: those that fit everything that is given. */
const match = {
  toward: reference.optional().describe('Only frames that go toward this end of the link. Example: east'),
  kind: z
    .enum(Object.keys(Kind) as [KindName, ...KindName[]])
    .optional()
    .describe('Only Replicast messages of this kind. Example: ChunkAck'),
  group: reference.optional().describe('Only datagrams sent to this negotiating group. Example: ng1'),
  index: z
    .union([index, z.array(index).min(1, 'name at least one index, or leave it out')])
    .optional()
    .describe('Only the datagram of a chunk with this index, counted from 0, or these. Example: 7'),
  attempt: count
    .max(MAX_ATTEMPT)
    .optional()
    .describe('Only Replicast messages of this attempt, counted from 1. Example: 1'),
  nth: count.optional().describe('Only the nth of all that match, counted from 1 in each direction. Example: 3'),
};

/** One entry of `rules`. That it has exactly one action is checked by its meaning. */
export const rule = z.strictObject({
  drop: z
    .strictObject(match)
    .optional()
    .describe('Frames that never arrive. Example: { toward: east, kind: Data, index: 7, attempt: 1 }'),
  duplicate: z.strictObject(match).optional().describe('Frames that arrive twice. Example: { kind: PutAccept }'),
  delay: z
    .strictObject({ ...match, by: delay.describe('How much later than others they arrive. Example: 20ms') })
    .optional()
    .describe('Frames that arrive late. Example: { kind: ChunkAck, nth: 1, by: 20ms }'),
  corrupt: z
    .strictObject(match)
    .optional()
    .describe('Frames that arrive with one bit flipped. Example: { kind: Data, nth: 5 }'),
});

export type RuleDeclaration = z.output<typeof rule>;
export type RuleText = z.input<typeof rule>;

export const rules = z
  .array(rule)
  .optional()
  .describe(
    'What happens on purpose to chosen frames, by the first rule that matches. Example: [{ drop: { toward: east, index: 7, attempt: 1 } }]',
  );
