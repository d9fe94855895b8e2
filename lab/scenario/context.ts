import type { LinkControl } from '../links/control.ts';
import type { NodeEvent, PutRecord } from '../observe/evidence.ts';
import type { Topology } from '../topology/index.ts';

/** What the scenario needs of a node. */
export interface Actor {
  readonly name: string;
  readonly running: boolean;
  request(op: string, args?: Record<string, unknown>): Promise<Record<string, unknown>>;
  signal(signal: NodeJS.Signals): void;
  /** @throws when the node ends first, or after `timeout` ms. */
  whenReady(timeout: number): Promise<void>;
  readonly ended: Promise<unknown>;
}

/** An object that the scenario has put, and what its bytes must hash to. */
export interface PutObject {
  object: string;
  bytes: number;
  /** SHA-256 of the content, hexadecimal, computed by the lab itself. */
  sha256: string;
}

/** What steps act on and write to. */
export interface ScenarioContext {
  readonly topology: Topology;
  /** Seed of the run: generated objects without a seed of their own derive from it. */
  readonly seed: number;
  /** @throws Error when the host runs no program. */
  actor(name: string): Actor;
  /** Starts the program of a host again, with the same configuration; does not wait until it is ready. */
  restart(name: string): Promise<Actor>;
  readonly links: LinkControl;
  /** Every event of every node, in the order of arrival; grows. */
  readonly events: readonly NodeEvent[];
  readonly puts: PutRecord[];
  readonly objects: PutObject[];
  /** Nodes that were killed on purpose and not started again, and when (ms). */
  readonly killed: Map<string, number>;
  /** A phase of the scenario begins now. */
  beginPhase(name: string): Promise<void>;
  /** ms on CLOCK_MONOTONIC. */
  now(): number;
}

/** What the steps of one scenario know of each other. */
export interface Progress {
  /** Events that were there before the scenario began. */
  readonly firstEvent: number;
  /** Puts that have begun and not ended. */
  putsUnderWay: number;
  readonly paused: Set<string>;
  /** Links that partitions have cut. */
  readonly cut: Set<string>;
}

/** Carries out one kind of step; throws when it fails. */
export interface StepHandler<S> {
  title(step: S): string;
  run(step: S, context: ScenarioContext & Progress, index: number): Promise<string>;
}
