import t from 'tap';
import { evaluate, type Frames, framesFor, type Shaped } from '../../lab/links/calibration.ts';
import type { LinkProperties } from '../../lab/topology/index.ts';

const shaped = (properties: LinkProperties, backend: Shaped['backend'] = 'wire'): Shaped => ({
  name: 'a>b',
  properties,
  backend,
});

/** What is measured of a link that has `is` when it is declared to have `declared`; frames are sent every 0.001 ms, single ones every 2 ms. */
function measured(declared: LinkProperties, is: LinkProperties, over: Partial<Frames> = {}) {
  const frames = { ...framesFor(shaped(declared), 400), ...over };
  const sent: number[] = [];
  const arrived = new Map<number, number>();
  let freeAt = 0;
  for (let i = 0; i < frames.single + frames.train + frames.counted; i++) {
    const at = i < frames.single ? 2 * i : 2 * frames.single + i * 0.001;
    sent.push(at);
    const isFull = i >= frames.single && i < frames.single + frames.train;
    if (is.rate) freeAt = Math.max(freeAt, at) + ((isFull ? 1514 : 60) * 8000) / is.rate;
    if (is.loss && i % Math.round(1 / is.loss) === 0) continue;
    arrived.set(i, (is.rate ? freeAt : at) + (is.delay ?? 0));
  }
  return evaluate(shaped(declared), frames, sent, arrived);
}

t.test('how many frames measure a link', async (t) => {
  t.same(framesFor(shaped({ delay: 5 }), 400), { single: 5, train: 0, free: 0, counted: 0 });
  t.same(framesFor(shaped({ rate: 100e6 }), 400), { single: 5, train: 82, free: 0, counted: 0 }, '10 ms at the rate');
  t.equal(framesFor(shaped({ rate: 1e9 }), 100).train, 100, 'no more than it may be');
  t.same(
    framesFor(shaped({ rate: 100e6 }, 'tbf'), 400).free,
    3,
    'what a token bucket lets pass at once is no part of it',
  );
  t.equal(framesFor(shaped({ rate: 1e6 }), 400).train, 4, 'the least that says anything');
  t.equal(framesFor(shaped({ rate: 100e6, queue: 80_000 }), 400).train, 26, 'half of the queue');
  t.equal(
    framesFor(shaped({ rate: 100e6, queue: 9000 }), 400).train,
    0,
    'through so short a queue nothing can be measured',
  );
  t.equal(framesFor(shaped({ rate: 64e3 }), 400).train, 0, 'that would take too long');
  t.equal(framesFor(shaped({ loss: 0.1 }), 400).counted, 400);
});

t.test('a link that is as declared', async (t) => {
  const all: LinkProperties[] = [{ delay: 5 }, { rate: 100e6 }, { rate: 100e6, delay: 50, loss: 0.1 }, { loss: 0.01 }];
  for (const properties of all) t.equal(measured(properties, properties).off, undefined, JSON.stringify(properties));
  const { delay, rate } = measured({ rate: 1e8, delay: 5, loss: 0.1 }, { rate: 1e8, delay: 5, loss: 0.1 });
  t.ok(Math.abs(delay! - 5) < 0.01 && Math.abs(rate! - 1e8) < 1e6);
});

t.test('a link that is not: each property by itself', async (t) => {
  t.match(measured({ delay: 5 }, { delay: 5.4 }).off, undefined, 'within 0.3 ms and 5%');
  t.equal(measured({ delay: 5 }, { delay: 7 }).off, 'delay 7.00 ms, not 5 ms');
  t.equal(measured({ delay: 5 }, { delay: 3 }).off, 'delay 3.00 ms, not 5 ms');
  t.equal(measured({ delay: 5, jitter: 2 }, { delay: 3 }).off, undefined, 'jitter goes both ways');
  t.equal(measured({ rate: 100e6 }, { rate: 50e6 }).off, 'rate 50mbit, not 100mbit');
  t.match(measured({ rate: 100e6 }, { rate: 200e6 }).off, /^rate \d+(\.\d+)?mbit, not 100mbit$/);
  t.equal(measured({ rate: 100e9 }, { rate: 1e9 }).rate, undefined, 'it was not sent that fast');
  t.match(measured({}, { loss: 0.2 }).off, '1 of 5 frames lost, not none');
  t.match(measured({ loss: 0.1 }, {}).off, '0 of 405 frames lost, not 10%');
  t.match(measured({ loss: 0.01 }, { loss: 0.1 }).off, '41 of 405 frames lost, not 1%');
  t.match(measured({ delay: 5 }, { delay: 5, loss: 1 }).off, '5 of 5 frames lost, not none');
  t.equal(measured({ corrupt: 0.1 }, { loss: 0.2 }).off, undefined, 'a frame that is damaged may not be known again');
});
