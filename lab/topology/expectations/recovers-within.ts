import { moment } from '../fields.ts';
import type { RecoversExpectation } from '../topology.ts';
import { formatTime } from '../units.ts';
import type { ExpectationKind } from './kind.ts';

const schema = moment.describe(
  'So soon after the phase begins, every datagram that is sent reaches each addressed target exactly once again; goes with phase. Example: 2s',
);

export const recoversWithin: ExpectationKind<typeof schema, RecoversExpectation> = {
  schema,
  filters: ['phase', 'group'],
  read(time, scope) {
    if (scope.filters.phase === undefined) {
      scope.problem(
        [],
        'since when? Add the phase that begins with the repair: - { recovers-within: 2s, phase: healed }',
      );
    }
    return [{ kind: 'recovers-within', time }];
  },
  write: ({ time }) => formatTime(time),
};
