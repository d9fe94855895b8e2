import { setTimeout as sleep } from 'node:timers/promises';
import {
  FrameSocket,
  type Instruction,
  inNamespace,
  interfaceIndex,
  monotonicNow,
  PacketSocket,
} from '../../src/kernel/index.ts';
import { KernelClock } from '../observe/clock.ts';
import type { LinkMeasurement } from '../observe/evidence.ts';
import { DEFAULT_MTU, frameBytes } from '../plan/constants.ts';
import type { LinkEnd, Plan } from '../plan/index.ts';
import { evaluate, type Frames, framesFor, type Shaped, SINGLE, SMALL } from './calibration.ts';

/** Directions that are measured at the same time, and frames in all their trains together. */
const TOGETHER = 256;
const MOST_FRAMES = 8_000;
/** Sockets that are started or closed at the same time. */
const MOST_CALLS = 64;
/** A direction that is not as declared is measured again: a machine that is busy for a moment is no link. */
const ATTEMPTS = 3;
/** Between two single frames of a direction, ms. */
const INTERVAL = 2;
/** For frames to be handed over after they have arrived, ms. */
const HAND_OVER = 10;
const PATIENCE = 3 * HAND_OVER;
/** EtherType for experiments inside one network: IEEE 802, section 9.2.3. */
const ETHERTYPE = 0x88b5;
/** Where the number of the direction and that of the frame stand in a frame. */
const PLACE = { type: 12, direction: 14, number: 16, end: 20 } as const;
/** Of arriving frames of that type, their beginning. The fourth kind of packet is one that leaves (linux/if_packet.h). */
const FILTER: readonly Instruction[] = [
  [0x28, 0, 0, 12],
  [0x15, 0, 3, ETHERTYPE],
  [0x30, 0, 0, 0xfffff004],
  [0x15, 1, 0, 4],
  [0x06, 0, 0, PLACE.end],
  [0x06, 0, 0, 0],
];
const RING = { blockSize: 1 << 14, blocks: 16, handOver: HAND_OVER, filter: FILTER };

interface Direction extends Shaped {
  from: LinkEnd;
  to: LinkEnd;
}

/** One direction while it is measured. */
interface UnderWay {
  direction: Direction;
  frames: Frames;
  send(bytes: number): void;
  sent: number[];
  arrived: Map<number, number>;
}

/** Measures every direction that does anything to frames, before there is other traffic. */
export async function calibrate(plan: Plan): Promise<LinkMeasurement[]> {
  const directions = shapedDirections(plan);
  const measured = new Map<string, LinkMeasurement>();
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const open = directions.filter(({ name }) => attempt === 0 || measured.get(name)!.off !== undefined);
    for (let i = 0; i < open.length; i += TOGETHER) {
      for (const result of await measure(open.slice(i, i + TOGETHER), MOST_FRAMES / Math.min(open.length, TOGETHER))) {
        measured.set(result.direction, result);
      }
    }
  }
  return [...measured.values()];
}

function shapedDirections({ links }: Plan): Direction[] {
  return links
    .filter(({ backend }) => backend !== 'veth')
    .flatMap(({ a, b, forward, backward, backend }) => [
      { name: `${a.node}>${b.node}`, properties: forward, backend, from: a, to: b },
      { name: `${b.node}>${a.node}`, properties: backward, backend, from: b, to: a },
    ]);
}

async function measure(directions: readonly Direction[], mostFrames: number): Promise<LinkMeasurement[]> {
  const nodes = [...new Set(directions.flatMap(({ from, to }) => [from.node, to.node]))];
  const sockets = new Map(nodes.map((node) => [node, inNamespace(node, () => new PacketSocket())]));
  await together([...sockets.values()], (socket) => socket.start(RING));
  const underWay = directions.map((direction, i) =>
    prepare(direction, i, sockets.get(direction.from.node)!, mostFrames),
  );
  const clock = new KernelClock();
  const read = () => {
    clock.sample();
    for (const socket of sockets.values()) {
      socket.read((frame, { seconds, nanoseconds }) => {
        const view = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);
        const { arrived } = underWay[view.readUInt16BE(PLACE.direction)] ?? {};
        const number = view.readUInt32BE(PLACE.number);
        if (arrived && !arrived.has(number)) arrived.set(number, clock.toMonotonic(seconds, nanoseconds));
      });
    }
  };
  for (let i = 0; i < SINGLE; i++) {
    for (const { send } of underWay) send(SMALL);
    await sleep(INTERVAL);
  }
  for (const { frames, send, direction } of underWay) {
    for (let i = 0; i < frames.train; i++) send(frameBytes(direction.properties.mtu ?? DEFAULT_MTU));
    for (let i = 0; i < frames.counted; i++) send(SMALL);
    read();
  }
  const until = monotonicNow() + Math.max(...underWay.map(longest)) + PATIENCE;
  while (monotonicNow() < until) {
    await sleep(HAND_OVER / 2);
    read();
  }
  await together([...sockets.values()], (socket) => socket.close());
  return underWay.map(({ direction, frames, sent, arrived }) => evaluate(direction, frames, sent, arrived));
}

/** The kernel lets sockets that are started or closed at the same time wait together; there may be only so many calls at a time. */
async function together(
  sockets: readonly PacketSocket[],
  action: (socket: PacketSocket) => Promise<void>,
): Promise<void> {
  for (let i = 0; i < sockets.length; i += MOST_CALLS) await Promise.all(sockets.slice(i, i + MOST_CALLS).map(action));
}

function prepare(direction: Direction, index: number, socket: PacketSocket, mostFrames: number): UnderWay {
  const { from, to, properties } = direction;
  const address = FrameSocket.address(inNamespace(from.node, () => interfaceIndex(from.interface)));
  const bytes = Buffer.alloc(frameBytes(properties.mtu ?? DEFAULT_MTU));
  for (const [at, mac] of [to.mac, from.mac].entries()) Buffer.from(mac.replaceAll(':', ''), 'hex').copy(bytes, at * 6);
  bytes.writeUInt16BE(ETHERTYPE, PLACE.type);
  bytes.writeUInt16BE(index, PLACE.direction);
  const sent: number[] = [];
  return {
    direction,
    frames: framesFor(direction, mostFrames),
    send(size) {
      bytes.writeUInt32BE(sent.length, PLACE.number);
      sent.push(monotonicNow());
      socket.send(address, bytes, size);
    },
    sent,
    arrived: new Map(),
  };
}

/** How long the frames of a direction are under way at most, ms. */
function longest({ direction: { properties }, frames }: UnderWay): number {
  const { delay = 0, jitter = 0, rate, mtu = DEFAULT_MTU } = properties;
  const bytes = frames.train * frameBytes(mtu) + (frames.single + frames.counted) * SMALL;
  return delay + jitter + (rate === undefined ? 0 : (bytes * 8000) / rate);
}
