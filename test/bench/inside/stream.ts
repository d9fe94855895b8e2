/**
 * Sends datagrams that fill an Ethernet packet, paced as a chunk is, until it is told to end: `stream.ts FROM TO PORT RATE HEX`, RATE in bit/s on the
 * wire, HEX the beginning of each datagram.
 */
import { exactClock, sendChunk } from '../../../src/pmu/index.ts';
import { say } from './say.ts';
import { longestMessage, openSender } from './sender.ts';
import { DATAGRAM } from './wire-size.ts';

/** Bytes of Ethernet, IPv4 and UDP around each, with preamble and gap. */
const OVERHEAD = 20 + 8 + 14 + 4 + 20;

const [from, to, port, rate, beginning = ''] = process.argv.slice(2) as [string, string, string, string, string?];
const message = longestMessage([beginning]);
const socket = openSender(from, Number(port), true);

/** What is due at one time leaves as one message. */
let due = 0;
const leave = () => {
  const length = due * DATAGRAM;
  due = 0;
  socket.send(message.subarray(0, length), Number(port), to);
};
const route = {
  maxPayload: DATAGRAM,
  send: () => {
    if (due === 0) queueMicrotask(leave);
    due++;
  },
};
say({ ready: 1 });
const chunk = new Uint8Array(1 << 20);
for (;;) await sendChunk(chunk, { clock: exactClock, route, rate: Number(rate), overhead: OVERHEAD });
