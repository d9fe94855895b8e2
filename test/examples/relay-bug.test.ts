/** With node:test: a relay bug, reproduced. Run it with `node --import tsx --test`, or with `npm test`. */
import { rejects } from 'node:assert/strict';
import { test } from 'node:test';
import { lab } from 'castlab';

/** Two targets in a zone behind a trunk; MRouters that do not relay, as a bug would have it. */
const withoutRelay = `
name: relay-bug
defaults: { trunk: { rate: 100mbit } }
zones:
  west: { hosts: { i1: initiator } }
  east: { hosts: { t1: target, t2: target } }
trunks: [{ between: [west, east] }]
overlay: { relay: false }
`;

test('without a relay a datagram crosses the trunk twice, and the verdict shows which way it went', async (t) => {
  const net = await lab(t, withoutRelay);
  await net.put({ from: 'i1', size: '16KiB', replicas: 2 });
  await net.expect.delivered('all');
  await rejects(
    net.expect.traversals({ on: 'trunks', 'per-datagram': 1 }),
    /crossed west>east twice\n(.*\n)*.*west>east {2}left/,
  );
});
