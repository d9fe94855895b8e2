import { createSocket, type Socket } from 'node:dgram';
import { openUdpSocket } from '../../../src/kernel/udp-socket.ts';
import { parseIpv4 } from '../../../src/overlay/index.ts';
import { DATAGRAM } from './wire-size.ts';

/** Datagrams that one message of a socket has at most. */
const MOST = Math.floor(65_507 / DATAGRAM);

/** A socket that sends messages of many datagrams, each of which fills an Ethernet packet. @param shared whether others may bind to the same */
export function openSender(address: string, port: number, shared: boolean): Socket {
  const { fd } = openUdpSocket({ address: parseIpv4(address)!, port, shared, segment: DATAGRAM });
  const socket = createSocket({
    type: 'udp4',
    sendBufferSize: 4 << 20,
    lookup: (to, _, done) => done(null, to, 4),
  });
  // The socket is bound already: this happens at once.
  socket.bind({ fd });
  return socket;
}

/** The longest message. @param beginnings of its datagrams, in hexadecimal; they take turns */
export function longestMessage(beginnings: readonly string[]): Buffer {
  const message = Buffer.alloc(MOST * DATAGRAM);
  for (let i = 0; i < MOST; i++) {
    Buffer.from(beginnings[i % beginnings.length] ?? '', 'hex').copy(message, i * DATAGRAM);
  }
  return message;
}
