/** Counts what arrives: `drain.ts ADDRESS PORT`. When told to end, it says how many bytes came, and in what time (ms). */
import { createSocket } from 'node:dgram';
import { openUdpSocket } from '../../../src/kernel/udp-socket.ts';
import { parseIpv4 } from '../../../src/overlay/index.ts';
import { say } from './say.ts';
import { DATAGRAM } from './wire-size.ts';

const [address, port] = process.argv.slice(2) as [string, string];
const { fd } = openUdpSocket({ address: parseIpv4(address)!, port: Number(port), shared: false, segment: DATAGRAM });
const socket = createSocket({ type: 'udp4', recvBufferSize: 16 << 20 });
let bytes = 0;
let first = 0;
let last = 0;
socket.on('message', (message) => {
  last = performance.now();
  if (first === 0) first = last;
  else bytes += message.length;
});
process.on('SIGTERM', () => {
  say({ bytes, ms: last - first });
  process.exit(0);
});
// The socket is bound already: this happens at once.
socket.bind({ fd });
say({ ready: 1 });
