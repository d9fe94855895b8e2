/** UDP many datagrams at a time. */
import t, { type Test } from 'tap';
import { SystemCallError } from '../../src/kernel/index.ts';
import { MessageSender } from '../../src/kernel/message-sender.ts';
import { MessageSocket } from '../../src/kernel/sockets.ts';
import { endpointKey, parseIpv4 } from '../../src/overlay/index.ts';
import { Overflow } from '../../src/tunnel/overflow.ts';
import { loopbackCluster, until } from '../support/overlay-loopback.ts';

const PORT = 8296;
const NOTHING = Buffer.alloc(0);

function open(t: Test, text: string) {
  const received: { bytes: Buffer; size: number; from: number }[] = [];
  const drops: (string | undefined)[] = [];
  const address = parseIpv4(text)!;
  const socket = new MessageSocket({
    ...{ address, port: PORT, buffer: 1 << 20, sending: { limit: 100, longest: 1472 } },
    onMessage: (bytes, size, from) => void received.push({ bytes, size, from }),
    onDrop: (error, datagrams) => void drops.push(...Array(datagrams).fill(error?.code)),
  });
  t.teardown(() => socket.close());
  return { socket, received, drops, key: endpointKey(address, PORT) };
}

t.test('datagrams of one length travel together, and are told apart by the kernel', async (t) => {
  const { address } = loopbackCluster(t);
  const a = open(t, address(0, 1));
  const b = open(t, address(1, 1));
  for (let i = 0; i < 100; i++) a.socket.send(b.key, Buffer.alloc(20, i), Buffer.alloc(1452, i));
  a.socket.send(b.key, Buffer.alloc(20, 100), Buffer.alloc(80, 100));
  a.socket.send(b.key, Buffer.alloc(20, 101), Buffer.alloc(1452, 101));
  const total = 101 * 1472 + 100;
  await until(() => b.received.reduce((sum, { bytes }) => sum + bytes.length, 0) === total);
  t.ok(b.received.length < 20, `${b.received.length} messages`);
  const datagrams = b.received.flatMap(({ bytes, size }) =>
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size)),
  );
  t.same(
    datagrams.map((bytes) => [bytes.length, bytes[0], bytes.at(-1)]),
    Array.from({ length: 102 }, (_, i) => [i === 100 ? 100 : 1472, i, i]),
  );
  t.ok(b.received.every(({ from }) => from === a.key));
});

t.test('a whole buffer in one go, which may change at once', async (t) => {
  const { address } = loopbackCluster(t);
  const a = open(t, address(0, 2));
  const b = open(t, address(1, 2));
  const bytes = Buffer.from('aaaabbbbcc');
  a.socket.sendBatch(b.key, bytes, 4);
  bytes.fill(0);
  await until(() => b.received.length > 0);
  t.match(b.received, [{ bytes: Buffer.from('aaaabbbbcc'), size: 4 }]);
});

t.test('what is longer than a packet leaves by itself, what is longer than all packets not at all', async (t) => {
  const { address } = loopbackCluster(t);
  const a = open(t, address(0, 3));
  const b = open(t, address(1, 3));
  for (let i = 0; i < 3; i++) a.socket.send(b.key, NOTHING, Buffer.alloc(3000, i));
  a.socket.send(b.key, NOTHING, Buffer.alloc(65_508));
  a.socket.send(b.key, NOTHING, Buffer.from('next'));
  await until(() => b.received.length === 4);
  t.same(
    b.received.map(({ bytes, size }) => [bytes.length, size]),
    [
      [3000, 3000],
      [3000, 3000],
      [3000, 3000],
      [4, 4],
    ],
  );
  t.same(a.drops, ['EMSGSIZE']);
});

t.test('an end, and nobody at the other one', async (t) => {
  const { address } = loopbackCluster(t);
  const a = open(t, address(0, 4));
  const b = open(t, address(1, 4));
  const nobody = endpointKey(parseIpv4(address(1, 77))!, PORT);
  for (let i = 0; i < 3; i++) {
    a.socket.send(nobody, NOTHING, Buffer.from('anybody there?'));
    await new Promise((resolve) => setImmediate(resolve));
  }
  a.socket.send(b.key, NOTHING, Buffer.from('still here'));
  a.socket.close();
  a.socket.close();
  a.socket.send(b.key, NOTHING, Buffer.from('too late'));
  await until(() => b.received.length > 0);
  t.same(
    b.received.map(({ bytes }) => bytes.toString()),
    ['still here'],
    'what waited has left',
  );
  t.throws(() => open(t, address(1, 4)), { code: 'EADDRINUSE' });
  t.throws(() => open(t, '192.0.2.1'), { code: 'EADDRNOTAVAIL' });
});

t.test('what came when there was no room is counted', async (t) => {
  const { address } = loopbackCluster(t);
  const a = open(t, address(0, 5));
  const b = open(t, address(1, 5));
  t.equal(b.socket.drops(), 0);
  // All in one turn: nobody reads meanwhile.
  for (let i = 0; i < 30_000; i++) a.socket.send(b.key, NOTHING, Buffer.alloc(1472));
  await new Promise((resolve) => setImmediate(resolve));
  t.ok(b.socket.drops() > 0);
  const overflow = new Overflow(() => b.socket.drops());
  t.equal(overflow.take(), b.socket.drops());
  t.equal(overflow.take(), 0);
});

/** A sender whose socket does what the test says: how many messages it takes, or an error. */
function sender(answers: (number | string)[], limit = 1000) {
  const offered: number[] = [];
  const drops: [string | undefined, number][] = [];
  const send = (_: Uint8Array, count: number) => {
    offered.push(count);
    const answer = answers.shift() ?? count;
    if (typeof answer === 'string') throw Object.assign(new SystemCallError('sendmmsg', 1), { code: answer });
    return answer;
  };
  const tested = new MessageSender(
    send,
    { limit, longest: 1000 },
    (error, count) => void drops.push([error?.code, count]),
  );
  const add = (...places: number[]) => {
    for (const to of places) tested.add(to, NOTHING, Buffer.alloc(1000));
  };
  return { tested, add, offered, drops };
}

t.test('a socket without room: what waits is bounded, and leaves later', async (t) => {
  const { tested, add, offered, drops } = sender([1, -1, -1], 5);
  add(1, 1, 2, 2, 3);
  tested.flush();
  t.same(offered, [3, 2], 'one message was taken, two wait');
  t.same([tested.waiting, tested.blocked], [3, true]);
  add(2, 2, 2, 2);
  t.same(drops, [
    [undefined, 1],
    [undefined, 1],
  ]);
  tested.flush();
  t.ok(tested.blocked);
  tested.flush();
  t.same([tested.waiting, tested.blocked], [0, false]);
  t.equal(offered.at(-1), 3, 'in order: what came later is a message of its own');
});

t.test('a device that cannot cut messages: each datagram by itself from then on', async (t) => {
  const { tested, add, offered, drops } = sender(['EIO']);
  add(1, 1, 1, 2);
  tested.flush();
  t.same(offered, [2, 4]);
  add(1, 1);
  tested.flush();
  t.same([offered.at(-1), drops, tested.waiting], [2, [], 0]);
});

t.test('a message that nobody takes is given up, with all its datagrams', async (t) => {
  const { tested, add, offered, drops } = sender(['ENETUNREACH']);
  add(1, 1, 2);
  tested.flush();
  t.same([offered, drops, tested.waiting], [[2, 1], [['ENETUNREACH', 2]], 0]);
});

t.test('more than fits is sent in between', async (t) => {
  const { tested, add, offered, drops } = sender([]);
  for (let i = 0; i < 1500; i++) add(i % 3);
  tested.flush();
  t.ok(offered.length >= 2);
  t.same([drops, tested.waiting], [[], 0]);
});
