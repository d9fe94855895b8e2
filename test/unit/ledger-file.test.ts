import fc from 'fast-check';
import t from 'tap';
import { Ledger, type Traversal, timeOf } from '../../lab/observe/ledger.ts';
import { ledgerLines, readLedgerLines } from '../../lab/observe/ledger-file.ts';

const write = (ledger: Ledger) => [...ledgerLines(ledger)].map((line) => JSON.stringify(line));

/** Times as the kernel gives them: whole nanoseconds. */
const time = fc.nat({ max: 10_000_000 }).map((ns) => 12_048_857 + ns / 1e6);
const optional = fc.option(time, { nil: undefined });

/** A datagram with all its traversals: what belongs to the inner packet is the same in each. */
const datagram = fc
  .record({
    id: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((id) => id.toString(16).padStart(16, '0')),
    source: fc.constantFrom('fd00::1', 'fd00::2'),
    destination: fc.constantFrom('ff15::1', 'fd00::3'),
    replicast: fc.option(
      fc.record({
        kind: fc.nat(11),
        txn: fc.constantFrom('a1', 'b2'),
        attempt: fc.nat(3),
        index: fc.nat(),
        count: fc.nat(),
      }),
      { nil: undefined },
    ),
    hops: fc.array(
      fc.record({
        ends: fc.constantFrom(['i1', 'hub'], ['hub', 'core'], ['core', 'hub']),
        bits: fc.constantFrom('0c', '08', '04'),
        ttl: fc.integer({ min: 1, max: 8 }),
        bytes: fc.nat(1500),
        sentAt: optional,
        arrivedAt: optional,
      }),
      { minLength: 1, maxLength: 6 },
    ),
  })
  .map(({ hops, replicast, ...same }) =>
    hops
      .filter(({ sentAt, arrivedAt }) => sentAt !== undefined || arrivedAt !== undefined)
      .map(
        ({ ends, sentAt, arrivedAt, ...hop }): Traversal => ({
          ...same,
          ...hop,
          link: ends.join('>'),
          from: ends[0]!,
          to: ends[1]!,
          ...(sentAt !== undefined && { sentAt }),
          ...(arrivedAt !== undefined && { arrivedAt }),
          ...(replicast && { replicast }),
        }),
      ),
  );

t.test('what was written is read again, to the nanosecond', async (t) => {
  const ns = (traversals: readonly Traversal[]) =>
    traversals.map((one) => ({
      ...one,
      sentAt: one.sentAt === undefined ? undefined : Math.round(one.sentAt * 1e6),
      arrivedAt: one.arrivedAt === undefined ? undefined : Math.round(one.arrivedAt * 1e6),
    }));
  fc.assert(
    fc.property(fc.uniqueArray(datagram, { maxLength: 5, selector: (hops) => hops[0]?.id }), (datagrams) => {
      const ledger = new Ledger({ traversals: datagrams.flat().sort((a, b) => timeOf(a) - timeOf(b)) });
      const again = readLedgerLines(write(ledger));
      t.same([...again.datagrams()].sort(), [...ledger.datagrams()].sort());
      for (const id of ledger.datagrams()) t.same(ns(again.of(id)), ns(ledger.of(id)));
    }),
    { numRuns: 50 },
  );
});

t.test('a line is short: one datagram over ten links takes less than 40 bytes a traversal', async (t) => {
  const traversals = Array.from({ length: 10 }, (_, i): Traversal => {
    const [from, to] = [`n${i}`, `n${i + 1}`];
    const sentAt = 12_048_857.595757 + i * 5.123457;
    const same = { id: '4db961f69741e3da', source: 'fd63::1', destination: 'ff15::3f', bits: '000000000000000c' };
    return { ...same, link: `${from}>${to}`, from, to, ttl: 8, bytes: 1490, sentAt, arrivedAt: sentAt + 5 };
  });
  const [, line] = write(new Ledger({ traversals }));
  t.ok(line!.length < 400, `${line!.length} bytes`);
});

t.test('a file of another schema is refused', async (t) => {
  t.throws(() => readLedgerLines(['{"link":"a>b"}']), /schema none, not 1/);
});
