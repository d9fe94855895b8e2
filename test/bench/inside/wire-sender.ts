/** A thread that sends frames, as evenly as it can. */
import { parentPort, workerData } from 'node:worker_threads';
import {
  enterNamespace,
  FrameSocket,
  interfaceIndex,
  monotonicNow,
  Poller,
  setRealTime,
  setTimerSlack,
} from '../../../src/kernel/index.ts';
import { frameOf, setIndex } from './wire-frames.ts';

export interface SenderTask {
  namespace: string;
  interface: string;
  /** L2 address of the receiver; that of the sender may follow, for a bridge that asks for it. */
  to: string;
  perSecond: number;
  count: number;
}

const { namespace, interface: name, to, perSecond, count } = workerData as SenderTask;
enterNamespace(namespace);
setTimerSlack(1);
try {
  setRealTime();
} catch {
  // Without privileges it is less even.
}
const socket = new FrameSocket();
const address = FrameSocket.address(interfaceIndex(name));
const frame = frameOf(0);
Buffer.from(to.replaceAll(':', ''), 'hex').copy(frame);
const nobody = new Poller([]);
const began = monotonicNow();
for (let index = 0; index < count; index++) {
  const due = began + (index * 1000) / perSecond;
  for (let wait = due - monotonicNow(); wait > 0; wait = due - monotonicNow()) nobody.wait(wait, () => {});
  setIndex(frame, index);
  while (!socket.send(address, frame, frame.length));
}
parentPort!.postMessage('sent');
