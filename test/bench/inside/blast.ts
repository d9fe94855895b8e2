/**
 * Sends as fast as it can for a while, many datagrams at a time: `blast.ts FROM TO PORT MS HEX…`. Each HEX is the beginning of a datagram,
 * which is filled up to one that fills an Ethernet packet; they take turns.
 */
import { createSocket } from 'node:dgram';
import { openUdpSocket } from '../../../src/kernel/udp-socket.ts';
import { parseIpv4 } from '../../../src/overlay/index.ts';
import { DATAGRAM } from './wire-size.ts';

/** Messages under way at a time. */
const WINDOW = 4;

const [from, to, port, duration, ...beginnings] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  ...string[],
];
const count = Math.floor(65_507 / DATAGRAM);
const message = Buffer.alloc(count * DATAGRAM);
for (let i = 0; i < count; i++) {
  Buffer.from(beginnings[i % beginnings.length] ?? '', 'hex').copy(message, i * DATAGRAM);
}
const { fd } = openUdpSocket({ address: parseIpv4(from)!, port: Number(port), shared: false, segment: DATAGRAM });
const socket = createSocket({
  type: 'udp4',
  sendBufferSize: 4 << 20,
  lookup: (address, _, done) => done(null, address, 4),
});
// The socket is bound already: this happens at once.
socket.bind({ fd });
const end = performance.now() + Number(duration);
const send = () => {
  if (performance.now() < end) socket.send(message, Number(port), to, send);
};
for (let i = 0; i < WINDOW; i++) send();
setTimeout(() => process.exit(0), Number(duration));
