/**
 * Round trips to all of some hosts and to the first of them, the median of each (ms): `ask.ts COUNT PORT ADDRESS…`. A round trip to all ends with
 * the last answer.
 */
import { createSocket } from 'node:dgram';
import { say } from './say.ts';

/** Bytes of payload: what a proposal has. */
const MESSAGE = Buffer.alloc(250);
/** ms between two round trips. */
const PAUSE = 5;
/** Round trips that are not counted: programs run slower at first. */
const WARM_UP = 50;

const [count, port, ...hosts] = process.argv.slice(2) as [string, string, ...string[]];
const socket = createSocket({ type: 'udp4', lookup: (host, _, done) => done(null, host, 4) });
let answered: () => void = () => {};
socket.on('message', () => answered());

function ask(asked: readonly string[]): Promise<number> {
  return new Promise((resolve) => {
    let left = asked.length;
    const began = performance.now();
    answered = () => {
      left--;
      if (left === 0) resolve(performance.now() - began);
    };
    for (const host of asked) socket.send(MESSAGE, Number(port), host);
  });
}

async function median(asked: readonly string[]): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < WARM_UP + Number(count); i++) {
    const time = await ask(asked);
    if (i >= WARM_UP) times.push(time);
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
  return times.sort((a, b) => a - b)[times.length >> 1]!;
}

say({ all: await median(hosts), one: await median(hosts.slice(0, 1)) });
socket.close();
