/**
 * How long a small datagram takes from one host to another through a third, alone and while chunks go the same way: `hop.ts mrouter|mrouter-kernel|
 * socat|kernel COUNT`. All times are the kernel's: when a frame left `s`, and when it came to `d`, ms.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { runBatches } from '../../../lab/sandbox/batches.ts';
import { enterSandbox } from '../../../lab/sandbox/index.ts';
import { ascending, quantile } from '../../../lab/verdict/quantile.ts';
import { type Instruction, inNamespace, monotonicNow, PacketSocket } from '../../../src/kernel/index.ts';
import { openUdpSocket } from '../../../src/kernel/udp-socket.ts';
import { parseIpv4 } from '../../../src/overlay/index.ts';
import { PORT, RelayLab, SETTLING } from './relay-lab.ts';
import { say } from './say.ts';
import { DATAGRAM } from './wire-size.ts';

/** Bytes of payload, as the application sees it. */
const PAYLOAD = 200;
/** Between two of them, ms; and how many are not counted: programs run slower at first. */
const PAUSE = 2;
const WARM_UP = 200;
/** bit/s of the chunks that go the same way: what a transfer gets of 1 Gbit/s. */
const RATE = 900e6;
/** Ethernet, IPv4 and UDP. */
const HEADERS = 14 + 20 + 8;
/** IPv4 frames that are no longer than this one has to be: not those of a chunk. */
const LONGEST = 400;
const FILTER: Instruction[] = [
  [0x28, 0, 0, 12],
  [0x15, 0, 3, 0x0800],
  [0x80, 0, 0, 0],
  [0x25, 1, 0, LONGEST],
  [0x06, 0, 0, LONGEST],
  [0x06, 0, 0, 0],
];
/** Room for the whole run: nobody reads while it is measured. Handed over in time or when full, ms. */
const RING = { blockSize: 1 << 18, blocks: 64, handOver: 100, filter: FILTER };

const place = await enterSandbox();
if (!place.inside) process.exit(place.exitCode);
const [kind, text] = process.argv.slice(2) as ['mrouter' | 'mrouter-kernel' | 'socat' | 'kernel', string];
const count = Number(text);
const lab = await RelayLab.build();
// A short datagram may have left behind long ones, in one message: the last link takes it out of there, for everybody alike.
await runBatches([{ namespace: 'east', tool: 'ip', lines: ['link set dev d gso_max_segs 1'] }]);
const datagrams = lab.overlayDatagrams();
const to = kind === 'kernel' ? lab.address('d') : lab.address('r');
if (kind === 'kernel') await lab.forwardIp();
else if (kind === 'socat') lab.startSocat();
else await lab.startMRouter(kind === 'mrouter' ? 'dgram' : 'kernel');

const open = (host: 's' | 'd') => {
  const options = { address: parseIpv4(lab.address(host))!, port: PORT, shared: true, segment: DATAGRAM };
  return inNamespace(host, () => openUdpSocket(options));
};
// Nobody reads what comes to `d`: it is enough that nobody is told that nobody listens.
open('d');
const socket = createSocket({ type: 'udp4', lookup: (address, _, done) => done(null, address, 4) });
socket.bind({ fd: open('s').fd });
const [near, far] = ['s', 'd'].map((host) => inNamespace(host, () => new PacketSocket())) as [
  PacketSocket,
  PacketSocket,
];
await Promise.all([near, far].map((seen) => seen.start(RING)));
await sleep(SETTLING);

const epoch = Math.floor(Date.now() / 1000);
let index = 0;
const idle = await series();
const long = datagrams.make(Buffer.alloc(datagrams.maxPayload)).toString('hex');
const stream = lab.startInside('s', 'stream', lab.address('s'), to, PORT, RATE, long);
await once(stream.lines, 'line');
const began = { at: monotonicNow(), bytes: bytesAtEnd() };
const busy = await series();
const transfer = ((bytesAtEnd() - began.bytes) * 8000) / (monotonicNow() - began.at);
stream.child.kill();

say({
  p50: quantile(idle.times, 0.5) / 1e6,
  p99: quantile(idle.times, 0.99) / 1e6,
  'busy p50': quantile(busy.times, 0.5) / 1e6,
  'busy p99': quantile(busy.times, 0.99) / 1e6,
  lost: (idle.lost + busy.lost) / (2 * count),
  transfer,
});
process.exit(0);

/** Sends so many, one after the other. */
async function series(): Promise<{ times: number[]; lost: number }> {
  const payload = Buffer.alloc(PAYLOAD);
  const first = index + WARM_UP;
  for (const end = first + count; index < end; index++) {
    payload.writeUInt32BE(index);
    socket.send(datagrams.make(payload), PORT, to);
    await sleep(PAUSE);
  }
  await sleep(2 * RING.handOver);
  const left = seen(near, true);
  const arrived = seen(far, false);
  const times = [...arrived].flatMap(([at, time]) => (at < first ? [] : time - left.get(at)!));
  return { times: ascending(times), lost: count - times.length };
}

/** When each passed there, by index: ns since the run began. */
function seen(place: PacketSocket, outgoing: boolean): Map<number, number> {
  const times = new Map<number, number>();
  place.read((frame, info) => {
    if (info.outgoing !== outgoing || frame.length < PAYLOAD + HEADERS) return;
    const bytes = Buffer.from(frame.buffer, frame.byteOffset, frame.length);
    times.set(bytes.readUInt32BE(frame.length - PAYLOAD), (info.seconds - epoch) * 1e9 + info.nanoseconds);
  });
  return times;
}

/** Bytes that have come to `d`. */
function bytesAtEnd(): number {
  return inNamespace('d', () => {
    const line = readFileSync('/proc/thread-self/net/dev', 'utf8')
      .split('\n')
      .find((one) => one.includes('eth0:'))!;
    return Number(line.split(':')[1]!.trim().split(/\s+/)[0]);
  });
}
