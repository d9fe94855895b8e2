import fc from 'fast-check';
import t from 'tap';
import { DatagramMemory } from '../../lab/observe/capture-memory.ts';

t.test('it recalls what it was told last about the very same bytes, and nothing about others', async (t) => {
  // Few bytes and few values, so that datagrams meet in one slot and differ late.
  const datagram = fc.uint8Array({ min: 0, max: 1, minLength: 0, maxLength: 6 });
  const long = fc.tuple(fc.constantFrom(111, 112, 113, 500, 2048), fc.constantFrom(0, 1)).map(([length, last]) => {
    const bytes = new Uint8Array(length);
    bytes[length - 1] = last;
    return bytes;
  });
  const result = fc.check(
    fc.property(fc.array(fc.tuple(fc.oneof(datagram, long), fc.boolean()), { maxLength: 60 }), (events) => {
      const memory = new DatagramMemory<string>(4);
      const told = new Set<string>();
      return events.every(([bytes, remember]) => {
        const text = `${bytes.length}:${Buffer.from(bytes).toString('hex')}`;
        const known = memory.recall(bytes);
        if (known !== undefined && (known !== text || !told.has(text))) return false;
        if (!remember) return true;
        memory.remember(Uint8Array.from(bytes), text);
        told.add(text);
        return memory.recall(bytes) === text;
      });
    }),
    { numRuns: 500 },
  );
  t.notOk(result.failed, fc.defaultReportMessage(result) ?? 'every case holds');
});

t.test('datagrams that are too long for it are just not remembered', async (t) => {
  const memory = new DatagramMemory<string>();
  memory.remember(new Uint8Array(2049), 'jumbo');
  t.equal(memory.recall(new Uint8Array(2049)), undefined);
});
