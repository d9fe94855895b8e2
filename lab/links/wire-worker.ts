import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import {
  clearWakeUp,
  FrameSocket,
  inNamespace,
  interfaceIndex,
  monotonicNow,
  OFFLOAD_HEADER,
  Poller,
  type Received,
  setRealTime,
  setTimerSlack,
} from '../../src/kernel/index.ts';
import { KernelClock } from '../observe/clock.ts';
import { Dissector } from '../observe/dissect.ts';
import type { PlannedRule } from '../plan/index.ts';
import type { LinkProperties } from '../topology/index.ts';
import { type Change, type Counters, type Delivery, Impairments } from './impairments.ts';
import { type Chance, Fate } from './impairments-chance.ts';
import { damageFrame } from './wire-frame.ts';
import { keyOf } from './wire-key.ts';
import { Rules } from './wire-rules.ts';
import { Schedule } from './wire-schedule.ts';

/** The thread that carries the frames of all wires: it takes them, asks the pure core what becomes of each, and sleeps until the next is due. */

export interface WireTask {
  namespace: string;
  directions: {
    /** `a>b` */
    name: string;
    /** Interfaces that its frames come from and go to. */
    from: string;
    to: string;
    properties: LinkProperties;
    rules: readonly PlannedRule[];
  }[];
  /** Bytes of the longest frame. */
  longestFrame: number;
  /** UDP port of the MRouters. */
  port: number;
  seed: number;
  /** Rings when a request has been posted. */
  wakeUp: number;
}

export type WireRequest = { id: number } & (
  | { kind: 'change'; direction: string; change: Change }
  | { kind: 'forget' }
  | { kind: 'report' }
  | { kind: 'stop' }
);

export interface WireReport {
  /** By direction, `a>b`. */
  directions: Record<string, Counters>;
  /** Frames that the wires lost without meaning to: none, unless this machine is overloaded. */
  missed: number;
}

/** Memory for frames that have come and were not read yet, bytes: at 20,000 full frames a second those of 0.8 s. */
const ARRIVALS = 32 << 20;
/** Frames that are under way at the same time, at most: 134 MB of them. */
const MOST_UNDER_WAY = 1 << 16;
/** Frames to take before it is looked what has become due. */
const BATCH = 64;
/** A thread that sleeps in the kernel cannot be ended, and the program with it: it looks around after this, ms. */
const LONGEST_SLEEP = 100;
/** The clocks are compared so often, ms. */
const CLOCK_INTERVAL = 50;

interface Direction {
  impairments: Impairments;
  fate: Fate;
  rules: Rules;
  to: Buffer;
}

interface UnderWay {
  bytes: Uint8Array;
  size: number;
  direction: Direction;
}

const { namespace, directions, longestFrame, port, seed, wakeUp } = workerData as WireTask;
const dissector = new Dissector(port);
const clock = new KernelClock();
const schedule = new Schedule<UnderWay>();
const spare: Uint8Array[] = [];
/** For frames about which nothing has to be decided. */
const certainly: Chance = () => 0;
let missed = 0;
let stopping: number | undefined;

setTimerSlack(1);
try {
  // A cable does not wait until the machine has time for it.
  setRealTime();
} catch {
  // Without privileges it has to: then the noise of the machine shows in its delays.
}
const { socket, byInterface } = inNamespace(namespace, () => ({
  socket: new FrameSocket(),
  byInterface: new Map(
    directions.map(({ name, from, to, properties, rules }): [number, Direction] => [
      interfaceIndex(from),
      {
        impairments: new Impairments(properties),
        fate: new Fate(seed, name),
        rules: new Rules(rules),
        to: FrameSocket.address(interfaceIndex(to)),
      },
    ]),
  ),
}));
const byName = new Map([...byInterface.values()].map((direction, i) => [directions[i]!.name, direction]));
await socket.start(longestFrame + OFFLOAD_HEADER, ARRIVALS);
const poller = new Poller([socket.fd, wakeUp]);
parentPort!.postMessage('ready');

let compared = monotonicNow();
while (stopping === undefined) {
  const now = monotonicNow();
  if (now > compared + CLOCK_INTERVAL) {
    clock.sample();
    compared = now;
  }
  sendDue(now);
  if (socket.receive(BATCH, take) > 0) continue;
  poller.wait(Math.min(LONGEST_SLEEP, schedule.next - monotonicNow()), (index) => {
    if (index === 1) answerRequests();
  });
}
const last = report();
await socket.close();
parentPort!.postMessage({ id: stopping, result: last });
parentPort!.close();

function take(bytes: Uint8Array, info: Received): void {
  const direction = byInterface.get(info.interface);
  if (direction === undefined) return;
  const at = clock.toMonotonic(info.seconds, info.nanoseconds);
  for (const delivery of decide(direction, bytes, at)) dispatch(direction, bytes, delivery);
}

function decide({ impairments, fate, rules }: Direction, bytes: Uint8Array, at: number): readonly Delivery[] {
  const size = bytes.length - OFFLOAD_HEADER;
  if (rules.isEmpty && !impairments.usesChance) return impairments.accept(at, size, certainly);
  const found = dissector.dissect(bytes.subarray(OFFLOAD_HEADER));
  const datagram = typeof found === 'string' ? undefined : found;
  return impairments.accept(at, size, fate.of(datagram && keyOf(datagram)), datagram && rules.match(datagram));
}

/** Sends the frame when its time has come, or keeps a copy until then. */
function dispatch(direction: Direction, bytes: Uint8Array, { at, damage }: Delivery): void {
  const now = monotonicNow();
  if (at <= now && at <= schedule.next && damage === undefined) {
    send(direction, bytes, bytes.length);
    return;
  }
  if (schedule.size === MOST_UNDER_WAY) {
    missed++;
    return;
  }
  const copy = spare.pop() ?? new Uint8Array(longestFrame + OFFLOAD_HEADER);
  copy.set(bytes);
  if (damage !== undefined) damageFrame(copy.subarray(0, bytes.length), damage);
  schedule.add(at, { bytes: copy, size: bytes.length, direction });
}

function sendDue(now: number): void {
  for (let next = schedule.take(now); next !== undefined; next = schedule.take(now)) {
    send(next.direction, next.bytes, next.size);
    spare.push(next.bytes);
  }
}

function send({ impairments, to }: Direction, bytes: Uint8Array, size: number): void {
  if (!socket.send(to, bytes, size)) impairments.counters.refused++;
}

function answerRequests(): void {
  clearWakeUp(wakeUp);
  for (let got = receiveMessageOnPort(parentPort!); got !== undefined; got = receiveMessageOnPort(parentPort!)) {
    const request = got.message as WireRequest;
    if (request.kind === 'stop') stopping = request.id;
    else {
      if (request.kind === 'forget') forget();
      if (request.kind === 'change') byName.get(request.direction)!.impairments.change(request.change, monotonicNow());
      parentPort!.postMessage({ id: request.id, result: report() });
    }
  }
}

function forget(): void {
  for (const { impairments } of byName.values()) impairments.forget();
  missed = -socket.drops();
}

function report(): WireReport {
  return {
    directions: Object.fromEntries([...byName].map(([name, { impairments }]) => [name, { ...impairments.counters }])),
    missed: missed + socket.drops(),
  };
}
