import * as z from 'zod';
import { DEFAULT_MTU, MAX_MTU, MIN_MTU } from './constants.ts';
import { delay, probability, queue, rate, reference } from './fields.ts';
import { rules } from './rule-schema.ts';

/** What one direction of a link does; all of it can be changed while a lab runs. */
export const linkProperties = {
  rate: rate
    .optional()
    .describe('Bits per second that the link carries; "unlimited" takes back a default. Example: 1gbit'),
  delay: delay.optional().describe('One-way propagation delay. Example: 5ms'),
  jitter: delay
    .optional()
    .describe('Largest deviation from the delay, either way; at most the delay, unless jitter-reorder. Example: 1ms'),
  'jitter-reorder': z.boolean().optional().describe('Whether jitter may change the order of frames. Example: true'),
  loss: probability.optional().describe('Share of frames that are lost. Example: 0.1%'),
  duplicate: probability.optional().describe('Share of frames that arrive twice. Example: 0.1%'),
  reorder: probability
    .optional()
    .describe('Share of frames that overtake those before them; needs a delay. Example: 1%'),
  corrupt: probability.optional().describe('Share of frames with one bit flipped. Example: 0.01%'),
  queue: queue
    .optional()
    .describe(
      'What waits for the link at most, in bytes or in full packets; needs a rate. Example: 64KiB or 100 packets',
    ),
};

const mtu = z
  .int()
  .min(MIN_MTU)
  .max(MAX_MTU)
  .optional()
  .describe(`Largest IP packet, bytes, both ways; default ${DEFAULT_MTU}. Example: 9000`);

const oneWay = z.strictObject(linkProperties);
export type OneWay = z.output<typeof oneWay>;

export const edge = z.strictObject({
  ...linkProperties,
  mtu,
  up: oneWay.optional().describe('Only from the host to its switch. Example: { rate: 10mbit }'),
  down: oneWay.optional().describe('Only from the switch to the host. Example: { loss: 1% }'),
});
export type Edge = z.output<typeof edge>;

/** Of one host: rules on every edge at once would only confuse. */
export const hostEdge = edge.extend({ rules });

/** What holds for a trunk both ways, where nothing else is said. */
export const trunkProperties = { ...linkProperties, mtu };

export const trunk = z.strictObject({
  between: z
    .tuple([reference, reference], 'expected the two zones or routers that the trunk joins, such as [east, core]')
    .describe('The two zones or routers that it joins. Example: [east, core]'),
  ...trunkProperties,
  toward: z
    .record(reference, oneWay)
    .optional()
    .describe('What holds in one direction only, by the end it leads to. Example: { east: { loss: 0.1% } }'),
  rules,
});
export type TrunkDeclaration = z.output<typeof trunk>;
