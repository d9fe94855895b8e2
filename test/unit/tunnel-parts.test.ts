import t from 'tap';
import { Deframer, decodeRedirect, encodeRedirect, frame } from '../../src/tunnel/framing.ts';
import { Redial } from '../../src/tunnel/redial.ts';
import { SendQueue } from '../../src/tunnel/send-queue.ts';
import { mapOf } from '../support/overlay-maps.ts';

const NOTHING = Buffer.alloc(0);

t.test('frames, whole, in pieces and many at once', async (t) => {
  const datagrams = [Buffer.from('a'), Buffer.alloc(65_535, 7), Buffer.from('bc'), Buffer.alloc(300, 1)];
  const stream = Buffer.concat([...datagrams.map((bytes) => frame(bytes, NOTHING)), Buffer.alloc(2)]);
  t.equal(frame(Buffer.from('ab'), Buffer.from('cde')).toString('hex'), '00056162636465');
  for (const size of [1, 2, 3, 299, 65_536, stream.length]) {
    const deframer = new Deframer();
    const got: Buffer[] = [];
    for (let at = 0; at < stream.length; at += size) {
      deframer.push(Buffer.from(stream.subarray(at, at + size)), (one) => got.push(Buffer.from(one)));
    }
    t.ok(got.length === 4 && got.every((one, i) => one.equals(datagrams[i]!)), `pieces of ${size} bytes`);
  }
  t.throws(() => frame(Buffer.alloc(65_535), Buffer.alloc(1)), /65536 bytes is too long/);
});

t.test('redirects', async (t) => {
  const bytes = Buffer.from(encodeRedirect(0x0a02000b));
  t.equal(bytes.toString('hex'), '00000000200000000a02000b');
  t.equal(decodeRedirect(bytes), '10.2.0.11');
  t.equal(decodeRedirect(bytes.subarray(0, 11)), undefined);
  bytes[4] = 0x10;
  t.equal(decodeRedirect(bytes), undefined, 'a hello is none');
});

t.test('a full queue drops the oldest unsolicited first, and what is solicited never for others', async (t) => {
  const queue = new SendQueue(10);
  const push = (text: string, solicited: boolean) => queue.push(Buffer.from(text), solicited);
  const drain = () => {
    const texts: string[] = [];
    for (let next = queue.shift(); next; next = queue.shift()) texts.push(next.toString());
    return texts;
  };
  t.same([push('u111', false), push('s111', true), push('u2', false)], [0, 0, 0]);
  t.equal(push('u333', false), 1, 'u111 goes');
  t.equal(queue.bytes, 10);
  t.equal(push('s222222', true), 1, 'there is no room beside s111: the newcomer goes');
  t.equal(queue.bytes, 10);
  t.equal(push('s22222', true), 2, 'u2 and u333 go');
  t.same(drain(), ['s111', 's22222'], 'in order');
  t.same([queue.bytes, queue.length], [0, 0]);
  t.equal(push('u0123456789', false), 1, 'what is longer than the queue');
  for (let i = 0; i < 100; i++) push(`u${i % 10}`, false);
  t.same(drain(), ['u5', 'u6', 'u7', 'u8', 'u9']);
});

t.test('dialling: candidates in turn, back-off with jitter, redirects at once but not for ever', async (t) => {
  const map = mapOf({ zones: { a: ['a1', 'a2', 'a3'] } });
  const [a1, a2, a3] = map.targets;
  const candidates = [a1!, a2!, a3!];
  const waits = (random: number) => {
    const redial = new Redial(() => random);
    return Array.from({ length: 6 }, (_, i) => {
      redial.failed(i * 1000);
      return redial.due - i * 1000;
    });
  };
  t.same(waits(1), [50, 100, 200, 250, 250, 250]);
  t.same(waits(0), [25, 50, 100, 125, 125, 125]);

  const redial = new Redial(() => 1);
  t.ok(redial.due <= 0, 'at once');
  const chosen = [0, 1, 2, 3].map((time) => {
    const target = redial.choose(candidates);
    redial.failed(time);
    return target.name;
  });
  t.same(chosen, ['a1', 'a2', 'a3', 'a1']);
  redial.connected();
  t.equal(redial.choose(candidates), a1);

  redial.redirected(a3!.endpoint.address, 10);
  t.equal(redial.due, 10);
  t.equal(redial.choose(candidates), a3);
  redial.redirected(a2!.endpoint.address, 20);
  t.equal(redial.due, 70, 'the second in a row waits');
  t.equal(redial.choose(candidates), a2);
  redial.redirected('10.9.9.9', 80);
  t.equal(redial.choose(candidates).zone, a1!.zone, 'a stranger that is named is not dialled');
});
