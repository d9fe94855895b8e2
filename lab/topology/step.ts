import type { LinkProperties } from './topology.ts';

/** What a scenario is made of. Units: ms, bytes, bit/s, probabilities from 0 to 1. */

/**
 * When a step starts: `at` ms after the scenario's start, beside whatever runs then; or, without it, `after` (0) ms after the end of the
 * step before it that has no `at` either.
 */
interface When {
  at?: number;
  after?: number;
  /** The phase of the scenario that begins with this step and lasts until the next one begins. */
  phase?: string;
  /** 1-based line of the topology file, for messages. */
  line: number;
}

/** Puts objects: `count` generated ones of `size` bytes from `seed`, or one file. */
export interface PutStep extends When {
  kind: 'put';
  from: string;
  replicas: number;
  count: number;
  size?: number;
  seed?: number;
  /** Path of a real file; `$node` stands for the running Node.js binary. */
  file?: string;
  /** Only the first so many bytes of `file`. */
  bytes?: number;
  /** Negotiating group; by default where the content hash puts it. */
  group?: string;
}

/** Reads back every object that the scenario has put so far, and compares. */
export interface GetStep extends When {
  kind: 'get';
  by: string;
}

/** Sends plain overlay datagrams, without Replicast, to a rendezvous group. */
export interface SendStep extends When {
  kind: 'send';
  from: string;
  group: string;
  to: string[];
  count: number;
  /** How often each datagram is sent. */
  copies: number;
  /** Bytes of UDP payload. */
  size: number;
}

export interface KillStep extends When {
  kind: 'kill';
  node: string;
}

/** Takes links down at both ends, as when cables are pulled. */
export interface DownStep extends When {
  kind: 'down';
  /** Names: `a--b`. */
  links: string[];
}

export interface UpStep extends When {
  kind: 'up';
  links: string[];
}

/** Takes links down and up again, many times. */
export interface FlapStep extends When {
  kind: 'flap';
  links: string[];
  times: number;
  /** ms down and ms up, each time. */
  down: number;
  up: number;
}

/** A change of link properties: one that is not named keeps its value, `null` takes it back. */
export type LinkChange = { [K in keyof Omit<LinkProperties, 'mtu'>]?: LinkProperties[K] | null };

/** Changes what links do while they carry traffic. */
export interface ImpairStep extends When {
  kind: 'impair';
  /** Directions: `a>b`. */
  directions: string[];
  change: LinkChange;
}

/** Stops the program of a host where it stands (SIGSTOP): its sockets stay open, and fill. */
export interface PauseStep extends When {
  kind: 'pause';
  node: string;
  /** ms after which it goes on; absent: until it is resumed. */
  for?: number;
  times: number;
  /** ms between the end of one pause and the next. */
  apart: number;
}

export interface ResumeStep extends When {
  kind: 'resume';
  node: string;
}

/** Kills the program of a host, unless it is dead already, and starts it again with the same configuration. */
export interface RestartStep extends When {
  kind: 'restart';
  node: string;
}

/** Cuts some nodes off from the rest. */
export interface PartitionStep extends When {
  kind: 'partition';
  /** As declared: zones (with their hosts), switches, routers, hosts. */
  nodes: string[];
  /** The links that lead from these to the others. */
  cut: string[];
}

/** Brings back every link that partitions have cut. */
export interface HealStep extends When {
  kind: 'heal';
}

/** What a scenario may wait for. Events are counted from the start of the scenario, on one node or on all together. */
export type Condition =
  | { kind: 'event'; event: string; node?: string; count: number }
  | { kind: 'counter'; counter: string; node: string; atLeast: number }
  | { kind: 'ready'; node: string }
  | { kind: 'dead'; node: string }
  /** Every put that has begun has ended. */
  | { kind: 'puts' };

export interface WaitForStep extends When {
  kind: 'wait-for';
  condition: Condition;
  /** ms: the step fails after that. */
  within: number;
}

/** Runs a command in the namespace of a node; fails unless it ends with exit code 0. */
export interface RunStep extends When {
  kind: 'run';
  node: string;
  command: string[];
  /** ms: the command is killed and the step fails after that. */
  within: number;
}

export type Step =
  | PutStep
  | GetStep
  | SendStep
  | DownStep
  | UpStep
  | FlapStep
  | ImpairStep
  | KillStep
  | PauseStep
  | ResumeStep
  | RestartStep
  | PartitionStep
  | HealStep
  | WaitForStep
  | RunStep;
