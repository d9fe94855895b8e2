import t from 'tap';
import { Ledger } from '../../lab/observe/ledger.ts';
import type { Sighting } from '../../lab/observe/sighting.ts';

/** A sighting of datagram `id` at a link end, with what the test does not care about filled in. */
function seen(end: string, way: 'in' | 'out', time: number, bits = '07', id = 'd1', ttl = 8): Sighting {
  return {
    end,
    way,
    time,
    id,
    bits,
    ttl,
    biftId: 1,
    entropy: 1,
    bytes: 1000,
    source: 'fd00::1',
    destination: 'ff15::1',
  };
}

/** One copy crossing from `a` to `b`. */
const crossing = (a: string, b: string, time: number, bits?: string, ttl?: number) => [
  seen(`${a}>${b}`, 'out', time, bits, 'd1', ttl),
  seen(`${b}>${a}`, 'in', time + 0.1, bits, 'd1', ttl),
];

t.test('a leaving and an arriving sighting are one traversal', async (t) => {
  const ledger = new Ledger(crossing('i1', 'hub', 1));
  t.equal(ledger.traversals.length, 1);
  t.match(ledger.traversals[0], { link: 'i1>hub', from: 'i1', to: 'hub', sentAt: 1, arrivedAt: 1.1 });
});

t.test('the order of sightings does not matter', async (t) => {
  const ledger = new Ledger(crossing('i1', 'hub', 1).reverse());
  t.equal(ledger.traversals.length, 1);
});

t.test('a copy that never arrives is a traversal without arrival', async (t) => {
  const ledger = new Ledger([seen('i1>hub', 'out', 1)]);
  t.equal(ledger.traversals.length, 1);
  t.equal(ledger.traversals[0]?.arrivedAt, undefined);
});

t.test('a second arrival without a second departure counts: the link duplicated it', async (t) => {
  const ledger = new Ledger([...crossing('i1', 'hub', 1), seen('hub>i1', 'in', 1.2)]);
  t.equal(ledger.crossings('d1').get('i1>hub'), 2);
});

t.test('crossings and bytes are counted by direction', async (t) => {
  const ledger = new Ledger([...crossing('a', 'b', 1), ...crossing('a', 'b', 2), ...crossing('b', 'a', 3)]);
  t.same([...ledger.crossings('d1')].sort(), [
    ['a>b', 2],
    ['b>a', 1],
  ]);
  t.equal(ledger.bytesByLink().get('a>b'), 2000);
});

t.test('the path to a host follows relays back to the origin', async (t) => {
  // i1 sends to t1 (bits 03), which relays to t2 (bits 02) through the same switch.
  const ledger = new Ledger([
    ...crossing('i1', 'hub', 1, '03'),
    ...crossing('hub', 't1', 2, '03'),
    ...crossing('t1', 'hub', 3, '02', 7),
    ...crossing('hub', 't2', 4, '02', 7),
  ]);
  t.same(
    ledger.pathTo('d1', 't2').map((hop) => hop.link),
    ['i1>hub', 'hub>t1', 't1>hub', 'hub>t2'],
  );
  t.same(
    ledger.pathTo('d1', 't1').map((hop) => hop.link),
    ['i1>hub', 'hub>t1'],
  );
  t.same(ledger.pathTo('d1', 't9'), []);
});

t.test('two copies sent back to back through one switch keep their own paths', async (t) => {
  const ledger = new Ledger([
    ...crossing('i1', 'hub', 1, '01'),
    ...crossing('i1', 'hub', 1.5, '02'),
    ...crossing('hub', 't1', 2, '01'),
    ...crossing('hub', 't2', 2.5, '02'),
  ]);
  t.equal(ledger.pathTo('d1', 't1')[0]?.sentAt, 1);
  t.equal(ledger.pathTo('d1', 't2')[0]?.sentAt, 1.5);
});
