/** Datagrams from one host to another through a third, as fast as they go: `relay.ts mrouter|mrouter-kernel|socat|kernel MS`. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { enterSandbox } from '../../../lab/sandbox/index.ts';
import { PORT, RelayLab, SETTLING } from './relay-lab.ts';
import { say } from './say.ts';
import { DATAGRAM } from './wire-size.ts';

const place = await enterSandbox();
if (!place.inside) process.exit(place.exitCode);
const [kind, duration] = process.argv.slice(2) as ['mrouter' | 'mrouter-kernel' | 'socat' | 'kernel', string];
const lab = await RelayLab.build();
const [s, d] = [lab.address('s'), lab.address('d')];

let to = lab.address('r');
const beginnings: string[] = [];
const drained = await lab.drain();
if (kind === 'mrouter' || kind === 'mrouter-kernel') {
  const datagrams = lab.overlayDatagrams();
  const datagram = datagrams.make(Buffer.alloc(datagrams.maxPayload));
  if (datagram.length !== DATAGRAM) throw new Error(`${datagram.length} bytes do not fill a packet`);
  beginnings.push(datagram.toString('hex'));
  await lab.startMRouter(kind === 'mrouter' ? 'dgram' : 'kernel');
} else if (kind === 'socat') {
  lab.startSocat();
} else {
  to = d;
  await lab.forwardIp();
}
await sleep(SETTLING);
await once(lab.startInside('s', 'blast', s, to, PORT, duration, ...beginnings).child, 'exit');
await sleep(SETTLING);
const { bytes, ms } = await drained();
say({ rate: (bytes * 8) / (ms / 1000) });
process.exit(0);
