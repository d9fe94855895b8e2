import t from 'tap';
import type { Route } from '../../src/overlay/index.ts';
import { type ChunkPrefix, sendChunk } from '../../src/pmu/index.ts';
import { FakeClock } from '../replicast/clock.ts';

/** Sends on a clock of its own. */
async function sent(
  chunk: Uint8Array,
  options: {
    rate: number;
    maxPayload?: number;
    prefix?: ChunkPrefix;
    signal?: AbortSignal;
    onSend?: (count: number) => void;
  },
) {
  const clock = new FakeClock(0);
  const { maxPayload = 1000, onSend, ...rest } = options;
  const datagrams: { at: number; payload: Uint8Array }[] = [];
  const route: Route = {
    maxPayload,
    send(payload) {
      datagrams.push({ at: clock.now(), payload });
      onSend?.(datagrams.length);
    },
  };
  let settled = false;
  const sending = sendChunk(chunk, { clock, route, overhead: 250, ...rest }).finally(() => {
    settled = true;
  });
  sending.catch(() => {});
  for (let turn = 0; !settled && turn < 1e5; turn++) {
    clock.run(() => false, Number.POSITIVE_INFINITY);
    await Promise.resolve();
  }
  return { datagrams, result: await sending };
}

const bytes = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) & 0xff);

t.test('a buffer in pieces that fill their datagrams, evenly', async (t) => {
  const chunk = bytes(10_500);
  // 1250 bytes at 10 Mbit/s: one every ms.
  const { datagrams, result } = await sent(chunk, { rate: 1e7 });
  t.same(result, { datagrams: 11, bytes: 10_500, ms: 10.6 }, 'the last one is shorter: 750 bytes');
  t.same(Buffer.concat(datagrams.map(({ payload }) => payload)), Buffer.from(chunk));
  t.same(
    datagrams.map(({ at }) => at),
    Array.from({ length: 11 }, (_, i) => i),
  );
});

t.test('a prefix before each piece says which one it is', async (t) => {
  const chunk = bytes(4000);
  const prefix: ChunkPrefix = {
    bytes: 8,
    write(into, index, count) {
      const view = new DataView(into.buffer, into.byteOffset, into.length);
      view.setUint32(0, index);
      view.setUint32(4, count);
    },
  };
  const { datagrams } = await sent(chunk, { rate: 1e9, prefix });
  t.same(
    datagrams.map(({ payload }) => [payload.length, Buffer.from(payload).readUInt32BE(0), payload[7]]),
    [...[0, 1, 2, 3].map((index) => [1000, index, 5]), [40, 4, 5]],
  );
  t.same(Buffer.concat(datagrams.map(({ payload }) => payload.subarray(8))), Buffer.from(chunk));
});

t.test('never faster than the rate, whatever it is', async (t) => {
  for (const rate of [1e5, 1e8, 1e11]) {
    const { datagrams, result } = await sent(bytes(100_000), { rate });
    for (const [i, { at }] of datagrams.entries())
      if (at + 0.5 < (i * 1250 * 8000) / rate) t.fail(`${i} leaves at ${at}`);
    t.ok(result.ms >= ((100 * 1250 * 8000) / rate) * 0.999 - 0.5, `${rate}: ${result.ms} ms`);
  }
});

t.test('what cannot be sent', async (t) => {
  await t.rejects(sent(bytes(0), { rate: 1e6 }), /a chunk has at least one byte/);
  for (const rate of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    await t.rejects(sent(bytes(10), { rate }), RangeError, `${rate}`);
  }
  const prefix = { bytes: 1000, write() {} };
  await t.rejects(
    sent(bytes(10), { rate: 1e6, prefix }),
    /a prefix of 1000 bytes leaves no room: a datagram takes 1000/,
  );
});

t.test('sending ends early when it is told to', async (t) => {
  const abort = new AbortController();
  let count = 0;
  const onSend = (number: number) => {
    count = number;
    if (number === 5) abort.abort(new Error('changed my mind'));
  };
  await t.rejects(sent(bytes(100_000), { rate: 1e7, signal: abort.signal, onSend }), /changed my mind/);
  t.equal(count, 5);
  await t.rejects(sent(bytes(10), { rate: 1e7, signal: abort.signal }), /changed my mind/, 'nor does it begin');
});
