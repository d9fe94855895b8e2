import type { Role } from '../topology/index.ts';
import type { Drawing } from './drawing.ts';
import type { RunResult } from './result.ts';

/**
 * What report.html holds of a run: columns of numbers, so that a run of 200,000 traversals is a few MB and is read in a fraction of a second.
 * Names are positions in the lists here. Times are whole ticks; absolute ones count from `origin`.
 */

/** Ticks in a millisecond: 0.1 µs each, finer than any time that is shown. */
export const TICKS = 10_000;

export interface PageNode {
  name: string;
  kind: 'switch' | 'router' | 'host';
  role?: Role;
  /** `target 10.1.0.12`, `switch of hub 10.1.0.0/24` */
  words: string;
}

export interface PageDirection {
  /** `from>to` */
  name: string;
  kind: 'edge' | 'trunk';
  from: number;
  to: number;
  /** What it is declared to do: `100mbit 5ms`. */
  words: string;
  /** What it was found to do before the scenario, where that was measured. */
  measured?: string;
  /** What crossed it by the counters of the kernel, where nobody looked at single datagrams. */
  bytes?: number;
}

/** One row a datagram, in order of time. */
export interface DatagramColumns {
  id: string[];
  /** When it was sent, or, when nobody says so, first seen. */
  at: number[];
  /** Node, or -1: nobody said to have sent it. */
  from: number[];
  /** Set of addressed hosts. */
  to: number[];
  /** Negotiating group, or -1. */
  group: number[];
  /** Code of the Replicast message, or 0. */
  kind: number[];
  /** Transaction, or -1. */
  transaction: number[];
  attempt: number[];
  index: number[];
  /** Of payload. */
  bytes: number[];
  /** How many hops and deliveries are its own: they follow those of the datagrams before. */
  hops: number[];
  deliveries: number[];
}

/** One row a traversal. */
export interface HopColumns {
  direction: number[];
  /** Ticks after its datagram was sent. */
  left: number[];
  /** Ticks from one end to the other; -1: it never arrived. */
  took: number[];
  copy: number[];
}

/** One row a hand-over to an application. */
export interface DeliveryColumns {
  node: number[];
  /** Ticks from the application that sent it. */
  took: number[];
  /** Ticks that its path takes at least; -1: the path is not known. */
  floor: number[];
}

/** What one copy of a datagram has in its header, and its size on the link. */
export type PageCopy = [bits: string, ttl: number, bytes: number];

export interface PageStep {
  kind: string;
  title: string;
  from: number;
  to: number;
  error?: string;
}

/** What nodes said of one transaction. */
export interface PageTransaction {
  /** Row in `transactions`. */
  transaction: number;
  kind: 'put' | 'get';
  hash: string;
  /** Chunks of one object follow each other; the node that began it. */
  from: number;
  events: PageEvent[];
}

export interface PageEvent {
  at: number;
  node: number;
  name: string;
  /** The rest of it: `window 0 to 78.5 ms, 29.7 mbit/s`. */
  words: string;
  /** Of a reserved window: ticks after `at`. */
  window?: [from: number, to: number];
}

export interface PageData {
  result: RunResult;
  /** ms on CLOCK_MONOTONIC that is 0 on the page. */
  origin: number;
  /** When the last thing happened. */
  end: number;
  nodes: PageNode[];
  directions: PageDirection[];
  drawing: Drawing;
  groups: string[];
  phases: { name: string; from: number }[];
  targetSets: number[][];
  transactions: string[];
  /** Names of Replicast messages by code. */
  kinds: Record<number, string>;
  copies: PageCopy[];
  datagrams: DatagramColumns;
  hops: HopColumns;
  deliveries: DeliveryColumns;
  /** Bytes of payload that were sent, each part of a chunk once: what bytes on links are compared with. */
  payload: number;
  steps: PageStep[];
  chunks: PageTransaction[];
  counters: { node: string; counter: string; value: number }[];
  /** What the run says about this machine. */
  machine: string[];
}
