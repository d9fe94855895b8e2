/** One half of the control probe (noise.ts): sends the time of day over and over, or notes how old it is on arrival. */
import { createSocket } from 'node:dgram';
import { parentPort, workerData } from 'node:worker_threads';
import { enterNamespace, monotonicNow } from '../../src/kernel/index.ts';
import { probe } from './noise.ts';

const port = parentPort!;
const samples: number[] = [];
const socket = createSocket('udp4');

if (workerData.task === 'receive') {
  enterNamespace(probe.receiver.namespace);
  socket.on('message', (message) => samples.push(monotonicNow() - message.readDoubleBE(0)));
  socket.bind(probe.port, probe.receiver.address, () => port.postMessage('ready'));
} else {
  enterNamespace(probe.sender.namespace);
  socket.bind(0, probe.sender.address, () => {
    port.postMessage('ready');
    setInterval(() => {
      const message = Buffer.alloc(8);
      message.writeDoubleBE(monotonicNow());
      socket.send(message, probe.port, probe.receiver.address);
    }, probe.interval);
  });
}

port.once('message', () => {
  port.postMessage(samples);
  process.exit();
});
