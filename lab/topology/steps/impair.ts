import * as z from 'zod';
import { linkProperties } from '../link-schema.ts';
import { changeProperties, contradictions, readChange } from '../properties.ts';
import type { ImpairStep, LinkChange } from '../topology.ts';
import { formatPercentage, formatRate, formatSize, formatTime } from '../units.ts';
import type { StepKind } from './kind.ts';
import { linkNames, writeNames } from './links.ts';

const schema = z
  .strictObject({
    link: linkNames.describe('A link, both ways, or one direction of it, or several. Example: hub--core, or hub>core'),
    ...linkProperties,
  })
  .describe(
    'Changes what a link does; a property that is not named keeps its value. Example: { link: hub>core, delay: 20ms, loss: 1% }',
  );

export const impair: StepKind<typeof schema, ImpairStep> = {
  schema,
  read({ link, ...declared }, scope) {
    const directions = scope.requireDirections(['link'], link);
    const [first] = directions;
    const change = readChange(declared, first === undefined ? undefined : scope.story.properties(first).mtu);
    if (Object.keys(change).length === 0)
      scope.problem([], 'an impair changes something: add delay, loss, rate or another property');
    for (const direction of directions) {
      const after = changeProperties(scope.story.properties(direction), change);
      for (const { field, message } of contradictions(after)) {
        scope.problem(Object.hasOwn(declared, field) ? [field] : [], `${direction} would not make sense: ${message}`);
      }
      scope.story.change(direction, after);
    }
    return { kind: 'impair', directions, change };
  },
  write: ({ directions, change }) => ({ link: writeNames(directions), ...writeChange(change) }),
};

function writeChange({ rate, delay, jitter, jitterReorder, queue, ...shares }: LinkChange) {
  const time = (ms: number | null) => formatTime(ms ?? 0);
  return {
    ...(rate !== undefined && { rate: rate === null ? 'unlimited' : formatRate(rate) }),
    ...(delay !== undefined && { delay: time(delay) }),
    ...(jitter !== undefined && { jitter: time(jitter) }),
    ...(jitterReorder !== undefined && { 'jitter-reorder': jitterReorder === true }),
    ...(Object.fromEntries(Object.entries(shares).map(([key, share]) => [key, formatPercentage(share ?? 0)])) as {
      [K in keyof typeof shares]: string;
    }),
    ...(queue != null && { queue: formatSize(queue) }),
  };
}
