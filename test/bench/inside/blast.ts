/**
 * Sends as fast as it can for a while, many datagrams at a time: `blast.ts FROM TO PORT MS HEX…`. Each HEX is the beginning of a datagram,
 * which is filled up to one that fills an Ethernet packet; they take turns.
 */
import { longestMessage, openSender } from './sender.ts';

/** Messages under way at a time. */
const WINDOW = 4;

const [from, to, port, duration, ...beginnings] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  ...string[],
];
const message = longestMessage(beginnings);
const socket = openSender(from, Number(port), false);
const end = performance.now() + Number(duration);
const send = () => {
  if (performance.now() < end) socket.send(message, Number(port), to, send);
};
for (let i = 0; i < WINDOW; i++) send();
setTimeout(() => process.exit(0), Number(duration));
