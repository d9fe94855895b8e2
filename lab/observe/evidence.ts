import type { Plan } from '../plan/index.ts';
import type { LinkProperties } from '../topology/index.ts';
import type { Ledger } from './ledger.ts';
import type { MachineLoad } from './machine.ts';
import type { Turns } from './turns.ts';

/** A line that a node wrote: `t` in ms on CLOCK_MONOTONIC, the rest by kind of event. */
export interface NodeEvent {
  t: number;
  node: string;
  event: string;
  [field: string]: unknown;
}

/** One application datagram, from the node that sent it to the applications that got it. */
export interface Datagram {
  id: string;
  from: string;
  /** ms */
  sentAt: number;
  /** Hosts that it addresses. */
  to: readonly string[];
  /** Negotiating group that it was sent to. */
  group?: string;
  attempt: number;
  bytes: number;
  /** Every hand-over to an application, also wrong and repeated ones. */
  deliveries: { node: string; at: number }[];
}

/** The result of one `put` of a scenario. */
export interface PutRecord {
  step: number;
  from: string;
  /** Content hash of the object; absent when the put failed before it had one. */
  object?: string;
  bytes: number;
  /** ms */
  startedAt: number;
  /** ms */
  took: number;
  wanted: number;
  /** For each chunk, the manifest included: its hash and the targets that acknowledged it. */
  chunks: { hash: string; replicas: readonly string[] }[];
  error?: string;
}

/** A hash that a target says it verified and stored durably. */
export interface StoredRecord {
  node: string;
  hash: string;
  at: number;
}

/** What one direction of a link (`a>b`) has done since the scenario changed it. */
export interface LinkChanged {
  /** ms */
  at: number;
  direction: string;
  properties: LinkProperties;
}

/** What one direction of a link (`a>b`) was found to do before the scenario; absent what could not be measured. */
export interface LinkMeasurement {
  direction: string;
  /** ms */
  delay?: number;
  /** bit/s */
  rate?: number;
  /** 0 to 1 */
  loss?: number;
  /** In which way it is not what was declared, beyond the tolerance. */
  off?: string;
}

/** Everything that is known about one run; verdicts are pure functions of it. */
export interface Evidence {
  plan: Plan;
  ledger: Ledger;
  datagrams: ReadonlyMap<string, Datagram>;
  /** Deliveries of datagrams that no node said it sent. */
  strays: { id: string; node: string; at: number }[];
  puts: readonly PutRecord[];
  stored: readonly StoredRecord[];
  /** Nodes that the scenario killed, and when. */
  killed: ReadonlyMap<string, number>;
  /** Phases of the scenario and when each began, ms, in order; the last ends with the run. */
  phases: { name: string; from: number }[];
  /** What each node's counters said when a phase began, and, last and without a phase, when the scenario had ended. */
  counters: { phase?: string; nodes: Record<string, unknown> }[];
  /** What the machine kept from its processes during the scenario; absent when nobody looked. */
  machine?: MachineLoad;
  /** What each node got of the processors during the scenario; without those that nobody could ask. */
  turns?: Readonly<Record<string, Turns>>;
  /** Frames that the capture missed; above 0 the ledger proves nothing. */
  captureDrops: number;
  /** Frames that wires lost without meaning to, because this machine was overloaded; above 0 no failure is the overlay's for certain. */
  framesMissed?: number;
  /** Directions that the scenario changed, in the order of time. */
  changes?: readonly LinkChanged[];
  /** Every direction that does anything to frames, as it was found to do it. */
  calibration?: readonly LinkMeasurement[];
  /** Frames that found no room, by link direction (`a>b`), by the counters of the kernel; absent when nobody read them. */
  queueDrops?: Readonly<Record<string, number>>;
  /** Bytes of IP packets that crossed each link direction (`a>b`) in the scenario, by the kernel's counters; only where nobody looked at single datagrams. */
  linkBytes?: Readonly<Record<string, number>>;
  /** One-way times, ms, of a control probe between two bare namespaces during the scenario: what this machine itself adds. */
  noise: readonly number[];
}

/** What the events say about datagrams: who sent each, to whom, and who got it. */
export function datagramsFrom(
  events: readonly NodeEvent[],
  hostOfAddress: ReadonlyMap<string, string>,
): Pick<Evidence, 'datagrams' | 'strays'> {
  const datagrams = new Map<string, Datagram>();
  for (const event of events) {
    if (event.event !== 'sent') continue;
    const to = (Array.isArray(event['to']) ? event['to'] : [event['to']]) as string[];
    const id = event['id'] as string;
    datagrams.set(id, {
      id,
      from: event.node,
      sentAt: event.t,
      to: to.map((name) => hostOfAddress.get(name) ?? name),
      ...(typeof event['group'] === 'string' && { group: event['group'] }),
      attempt: (event['attempt'] as number | undefined) ?? 1,
      bytes: (event['bytes'] as number | undefined) ?? 0,
      deliveries: [],
    });
  }
  const strays: Evidence['strays'] = [];
  for (const event of events) {
    if (event.event !== 'delivered') continue;
    const id = event['id'] as string;
    const datagram = datagrams.get(id);
    if (datagram) datagram.deliveries.push({ node: event.node, at: event.t });
    else strays.push({ id, node: event.node, at: event.t });
  }
  return { datagrams, strays };
}

/** The hashes that targets say they stored. */
export function storedFrom(events: readonly NodeEvent[]): StoredRecord[] {
  return events
    .filter((event) => event.event === 'stored')
    .map((event) => ({ node: event.node, hash: event['hash'] as string, at: event.t }));
}
