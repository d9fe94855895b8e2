import { setTimeout as sleep } from 'node:timers/promises';
import { InputError } from '../../src/document/index.ts';
import { monotonicNow } from '../../src/kernel/index.ts';
import type { LinkControl } from '../links/control.ts';
import { buildNetwork } from '../links/network.ts';
import type { Wires } from '../links/wire.ts';
import { type Capture, startCapture } from '../observe/capture.ts';
import type { PutRecord } from '../observe/evidence.ts';
import { readQueueDrops } from '../observe/queue-drops.ts';
import type { Plan } from '../plan/index.ts';
import type { Point } from '../report/index.ts';
import { Lab } from '../run/lab.ts';
import { pointOfVerdict } from '../run/points.ts';
import type { Progress, PutObject, ScenarioContext } from '../scenario/context.ts';
import { playStep, type StepOutcome } from '../scenario/play.ts';
import {
  type LinkProperties,
  linkDirections,
  readFurtherExpectations,
  readFurtherSteps,
  type Situation,
} from '../topology/index.ts';
import { judge } from '../verdict/index.ts';
import { evidenceSince, type Mark, START } from './evidence-since.ts';
import { interfaceCounters } from './interface-counters.ts';
import type { LabStatus, NodeStatus } from './status.ts';

export interface LiveOptions {
  /** Folder for configurations and logs. */
  folder: string;
  seed: number;
}

/** What a lab is made of. */
interface Parts {
  lab: Lab;
  capture: Capture;
  control: LinkControl;
  wires: Wires;
}

/** From when on things are judged. */
export type Since = 'mark' | 'up';

/** A lab without an end of its own: a network with nodes and a capture, in which steps are taken and judged when somebody asks. */
export class LiveLab {
  readonly #plan: Plan;
  readonly #lab: Lab;
  readonly #capture: Capture;
  readonly #context: ScenarioContext & Progress;
  readonly #links: LinkControl;
  readonly #wires: Wires;
  readonly #phases: { name: string; from: number }[] = [];
  readonly #startedAt = monotonicNow();
  #steps = 0;
  /** Steps are taken one after the other, and nothing is judged meanwhile. */
  #last: Promise<unknown> = Promise.resolve();
  /** What came before this is judged no more. */
  #mark: Mark = START;

  /** Builds the network inside the sandbox and starts the nodes. @throws whatever goes wrong on the way */
  static async start(plan: Plan, options: LiveOptions): Promise<LiveLab> {
    const { control, wires } = await buildNetwork(plan, options.seed);
    const capture = await startCapture(plan);
    const lab = new Lab(plan, options);
    await lab.start();
    return new LiveLab(plan, { lab, capture, control, wires }, options.seed);
  }

  private constructor(plan: Plan, { lab, capture, control, wires }: Parts, seed: number) {
    this.#plan = plan;
    this.#lab = lab;
    this.#capture = capture;
    this.#links = control;
    this.#wires = wires;
    this.#context = {
      topology: plan.topology,
      seed,
      actor: (name) => lab.node(name),
      restart: async (name) => lab.restart(name),
      links: control,
      events: lab.events,
      beginPhase: async (name) => {
        this.#phases.push({ name, from: monotonicNow() });
      },
      puts: [] as PutRecord[],
      objects: [] as PutObject[],
      killed: new Map(),
      now: monotonicNow,
      firstEvent: 0,
      putsUnderWay: 0,
      paused: new Set(),
      cut: new Set(),
    };
  }

  /**
   * Takes steps, one after the other; the first that fails is the last.
   * @param text YAML: `{ scenario: [{ put: … }] }`
   * @throws InputError when a step is not one, or names what is not there
   */
  step(text: string): Promise<StepOutcome[]> {
    return this.#inTurn(async () => {
      const steps = readFurtherSteps(this.#plan.topology, text, 'step', this.#situation());
      const outcomes: StepOutcome[] = [];
      for (const step of steps) {
        if (step.at !== undefined) throw new InputError('at is for scenarios: these steps follow each other');
        if (step.after !== undefined) await sleep(step.after);
        const outcome = await playStep(step, this.#context, this.#steps++);
        outcomes.push(outcome);
        if (outcome.error) break;
      }
      return outcomes;
    });
  }

  /**
   * Judges what has been sent and put since the last mark, or since the lab is up.
   * @param text YAML: `{ expect: … }`; without it, what the topology expects
   * @throws InputError when an expectation is not one, or names what is not there
   */
  judge(text: string | undefined, since: Since): Promise<Point[]> {
    return this.#inTurn(async () => {
      const { topology } = this.#plan;
      const expectations =
        text === undefined ? topology.expect : readFurtherExpectations(topology, text, 'expect', this.#situation());
      await this.#lab.whenQuiet();
      const mark = since === 'up' ? START : this.#mark;
      const { drops, missed } = await this.#queueDrops();
      const evidence = evidenceSince(mark, {
        plan: this.#plan,
        events: this.#lab.events,
        captured: await this.#capture.read(),
        framesMissed: missed,
        queueDrops: drops,
        changes: this.#links.changes,
        puts: this.#context.puts,
        killed: this.#context.killed,
        phases: this.#phases,
        counters: await this.#lab.counters(),
      });
      return expectations.map((expectation) => pointOfVerdict(judge(expectation, evidence), 'the same steps again'));
    });
  }

  /** Sets the mark: from now on, only what comes is judged. */
  mark(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#lab.whenQuiet();
      this.#mark = { at: monotonicNow(), queueDrops: (await this.#queueDrops()).drops };
    });
  }

  status(): LabStatus {
    const { topology, links } = this.#plan;
    const counters = interfaceCounters(this.#plan);
    const properties = this.#properties();
    return {
      topology: topology.name,
      file: topology.file,
      up: monotonicNow() - this.#startedAt,
      nodes: topology.hosts.map(({ name, zone, role, address }) => ({
        ...{ name, zone, role, address },
        state: this.#stateOf(name),
      })),
      links: links.map(({ name, a, b, backend }) => ({
        name,
        backend,
        state: this.#links.isDown(name) ? 'down' : 'up',
        directions: [`${a.node}>${b.node}`, `${b.node}>${a.node}`].map((direction) => ({
          name: direction,
          properties: properties.get(direction) ?? {},
          ...counters.get(direction)!,
        })),
      })),
    };
  }

  /** What every node that answers has counted. */
  counters(): Promise<Record<string, unknown>> {
    return this.#lab.counters();
  }

  #stateOf(name: string): NodeStatus['state'] {
    const node = this.#lab.nodes.get(name);
    if (!node) return 'no program';
    if (!node.running) return this.#context.killed.has(name) ? 'killed' : 'ended';
    return this.#context.paused.has(name) ? 'paused' : 'running';
  }

  /** What every direction does by now. */
  #properties(): Map<string, LinkProperties> {
    const declared = linkDirections(this.#plan.topology).map(({ name, properties }) => [name, properties] as const);
    return new Map([
      ...declared,
      ...this.#links.changes.map((change) => [change.direction, change.properties] as const),
    ]);
  }

  /** Frames that have found no room so far, by direction. */
  async #queueDrops(): Promise<{ drops: Record<string, number>; missed: number }> {
    const { directions, missed } = await this.#wires.report();
    const drops = readQueueDrops(this.#plan);
    for (const [name, { overflowed }] of Object.entries(directions)) drops[name] = (drops[name] ?? 0) + overflowed;
    return { drops, missed };
  }

  #situation(): Situation {
    const { paused, cut } = this.#context;
    return {
      down: this.#plan.links.map(({ name }) => name).filter((name) => this.#links.isDown(name) && !cut.has(name)),
      cut,
      paused,
      phases: this.#phases.map(({ name }) => name),
      properties: this.#properties(),
    };
  }

  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const done = this.#last.then(action);
    this.#last = done.catch(() => {});
    return done;
  }
}
