import type { PutRecord } from '../observe/evidence.ts';
import type { Topology } from '../topology/index.ts';

/** What the scenario needs of a node. */
export interface Actor {
  readonly name: string;
  request(op: string, args?: Record<string, unknown>): Promise<Record<string, unknown>>;
  signal(signal: NodeJS.Signals): void;
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
  readonly puts: PutRecord[];
  readonly objects: PutObject[];
  /** Nodes that were killed on purpose, and when (ms). */
  readonly killed: Map<string, number>;
  /** ms on CLOCK_MONOTONIC. */
  now(): number;
}

/** What a step came to, for the report. */
export interface StepReport {
  title: string;
  /** One line. */
  summary: string;
}

/** Carries out one kind of step; throws when it fails. */
export interface StepHandler<S> {
  title(step: S): string;
  run(step: S, context: ScenarioContext, index: number): Promise<string>;
}
