/** Answers every datagram with itself: `echo.ts ADDRESS PORT`. */
import { createSocket } from 'node:dgram';
import { say } from './say.ts';

const [address, port] = process.argv.slice(2) as [string, string];
const socket = createSocket({ type: 'udp4', lookup: (host, _, done) => done(null, host, 4) });
socket.on('message', (message, sender) => socket.send(message, sender.port, sender.address));
socket.bind(Number(port), address, () => say({ ready: 1 }));
