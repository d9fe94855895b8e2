import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { monotonicNow } from '../../src/kernel/index.ts';
import { calibrate } from '../links/calibrate.ts';
import type { LinkControl } from '../links/control.ts';
import { buildNetwork, type Network } from '../links/network.ts';
import type { Wires } from '../links/wire.ts';
import { wiresOf } from '../links/wire-ends.ts';
import { hostsByAddress } from '../observe/addresses.ts';
import { CAPTURE_FILE, type Captured, startCapture } from '../observe/capture.ts';
import { commentCapture, placeComments } from '../observe/capture-comments.ts';
import { datagramsFrom, type Evidence, type LinkMeasurement, type PutRecord, storedFrom } from '../observe/evidence.ts';
import { type CaptureCounts, type PlayedStep, writeEvidence } from '../observe/evidence-folder.ts';
import { readLinkBytes, since } from '../observe/kernel-counters.ts';
import { Ledger } from '../observe/ledger.ts';
import { watchMachine } from '../observe/machine.ts';
import { startNoiseProbe } from '../observe/noise.ts';
import { readQueueDrops } from '../observe/queue-drops.ts';
import { watchTurns } from '../observe/turns.ts';
import { type LinkMode, linkEnds, type Plan, planScript } from '../plan/index.ts';
import { outcomeOf, type Point, type RunResult } from '../report/index.ts';
import { timingIsReliable } from '../sandbox/timing.ts';
import type { PutObject } from '../scenario/context.ts';
import { play } from '../scenario/play.ts';
import { expandTopology } from '../topology/index.ts';
import { judge } from '../verdict/index.ts';
import { writeResult } from './evidence-files.ts';
import { figuresOf } from './figures.ts';
import { keepInputs } from './inputs.ts';
import { Lab } from './lab.ts';
import { pointOfCalibration, pointOfDrops, pointOfError, pointOfStep, pointOfVerdict } from './points.ts';
import { versions } from './versions.ts';

export interface RunOptions {
  /** Where the evidence goes; exists and is empty. */
  folder: string;
  seed: number;
  /** What the user said about what links are made of; it has already gone into the plan. */
  links: LinkMode;
  /** Told when a stage begins, for a progress line. */
  onStage?: (stage: string) => void;
}

/**
 * Builds a plan inside the sandbox, plays its scenario, judges its expectations, writes all evidence and the result.
 * Whatever goes wrong on the way becomes a failing point of the result, with what was known by then.
 */
export async function run(plan: Plan, options: RunOptions): Promise<RunResult> {
  return new Run(plan, options).toEnd();
}

/** The state of one run; one method a stage. */
class Run {
  readonly #plan: Plan;
  readonly #options: RunOptions;
  readonly #points: Point[] = [];
  readonly #took = { build: 0, nodes: 0, scenario: 0, judge: 0, teardown: 0, total: 0 };
  readonly #lab: Lab;
  readonly #puts: PutRecord[] = [];
  readonly #killed = new Map<string, number>();
  readonly #phases: Evidence['phases'] = [];
  readonly #counters: Evidence['counters'] = [];
  readonly #steps: PlayedStep[] = [];
  readonly #startedAt = new Date();
  #evidence: Evidence | undefined;
  /** Whether every datagram is a frame of its own, and looked at. */
  readonly #exact: boolean;
  #framesMissed = 0;
  #calibration: LinkMeasurement[] = [];
  #queueDrops: Record<string, number> | undefined;
  #linkBytes: Record<string, number> | undefined;

  constructor(plan: Plan, options: RunOptions) {
    this.#plan = plan;
    this.#options = options;
    this.#exact = plan.topology.observe === 'ledger';
    this.#lab = new Lab(plan, { folder: options.folder, datagramEvents: this.#exact });
  }

  async toEnd(): Promise<RunResult> {
    const began = monotonicNow();
    const { folder } = this.#options;
    await writeFile(join(folder, 'plan.txt'), planScript(this.#plan));
    await writeFile(join(folder, 'topology.yaml'), expandTopology(this.#plan.topology));
    await keepInputs(this.#plan.topology, folder);

    let network: Network | undefined;
    await this.#stage('build', 'fabric is up', async () => {
      network = await buildNetwork(this.#plan, this.#options.seed, this.#exact);
      const wires = wiresOf(this.#plan).length;
      const { namespaces, links } = this.#plan;
      return `${namespaces.length} namespaces, ${links.length} links${wires > 0 ? `, ${wires} of them wires` : ''}`;
    });
    if (network) {
      await this.#calibrate(network);
      await this.#observe(network);
    }
    this.#took.total = monotonicNow() - began;
    return this.#writeResult();
  }

  /** Whether the links do what they are declared to, while there is no other traffic. */
  async #calibrate({ wires }: Network): Promise<void> {
    const began = monotonicNow();
    this.#calibration = await calibrate(this.#plan);
    await wires.forget();
    const took = monotonicNow() - began;
    this.#took.build += took;
    if (this.#calibration.length > 0) this.#points.push(pointOfCalibration(this.#calibration, took));
  }

  /** Runs one stage, times it and makes it a point; false when it failed. */
  async #stage(name: keyof RunResult['took'], title: string, action: () => Promise<string>): Promise<boolean> {
    this.#options.onStage?.(title);
    const began = monotonicNow();
    try {
      const summary = await action();
      this.#took[name] = monotonicNow() - began;
      this.#points.push({ title, outcome: 'pass', summary: `${summary}, ${this.#took[name].toFixed(0)} ms` });
      return true;
    } catch (error) {
      this.#took[name] = monotonicNow() - began;
      this.#points.push(pointOfError(title, error as Error));
      return false;
    }
  }

  /** Capture first, then nodes, then the scenario; and whatever happens, read what was seen. */
  async #observe({ wires, control }: Network): Promise<void> {
    const { folder } = this.#options;
    const capture = this.#exact ? await startCapture(this.#plan, { dir: folder }) : undefined;
    const ready = await this.#stage('nodes', 'nodes are ready', async () => {
      await this.#lab.start();
      return `${this.#lab.nodes.size} nodes`;
    });
    const noise = await startNoiseProbe();
    const watched = watchMachine(monotonicNow);
    const counted = watchTurns(this.#lab.nodes);
    const before = this.#exact ? undefined : readLinkBytes(this.#plan);
    if (ready) await this.#playScenario(control);
    if (before) this.#linkBytes = since(before, readLinkBytes(this.#plan));
    const machine = watched();
    const turns = counted();
    const noiseSamples = await noise.stop();
    await this.#lab.stop();
    const seen = capture ? await capture.stop() : NOTHING_SEEN;
    await this.#stopWires(wires);

    const began = monotonicNow();
    const ledger = new Ledger(seen.sightings);
    this.#evidence = {
      plan: this.#plan,
      ledger,
      ...datagramsFrom(this.#lab.events, hostsByAddress(this.#plan)),
      puts: this.#puts,
      stored: storedFrom(this.#lab.events),
      killed: this.#killed,
      phases: this.#phases,
      counters: this.#counters,
      machine,
      turns,
      captureDrops: seen.dropped,
      framesMissed: this.#framesMissed,
      calibration: this.#calibration,
      changes: control.changes,
      ...(this.#queueDrops && { queueDrops: this.#queueDrops }),
      ...(this.#linkBytes && { linkBytes: this.#linkBytes }),
      noise: noiseSamples,
    };
    await writeEvidence(folder, {
      evidence: this.#evidence,
      events: this.#lab.events,
      steps: this.#steps,
      capture: countsOf(seen),
    });
    if (seen.dropped > 0) this.#points.push(pointOfDrops(seen));
    if (ready) {
      this.#options.onStage?.('judging');
      const again = `castlab replay ${folder}`;
      const verdicts = this.#plan.topology.expect.map((expectation) => judge(expectation, this.#evidence!));
      this.#points.push(...verdicts.map((verdict) => pointOfVerdict(verdict, again)));
      const said = verdicts.flatMap(({ title, exhibit }) =>
        exhibit ? [{ hops: ledger.of(exhibit.datagram), text: `${title}: ${exhibit.finding}` }] : [],
      );
      if (capture)
        await commentCapture(
          join(folder, CAPTURE_FILE),
          linkEnds(this.#plan).map(({ name }) => name),
          placeComments(seen, said),
        );
    }
    this.#took.judge = monotonicNow() - began;
  }

  /** What became of the frames on wires is evidence too; wires that ended by themselves are a failure of their own. */
  async #stopWires(wires: Wires): Promise<void> {
    try {
      const report = await wires.stop();
      this.#framesMissed = report.missed;
      for (const [direction, { overflowed }] of Object.entries(this.#queueDrops ? report.directions : {})) {
        this.#queueDrops![direction] = (this.#queueDrops![direction] ?? 0) + overflowed;
      }
      await writeFile(join(this.#options.folder, 'wires.json'), `${JSON.stringify(report, null, 2)}\n`);
    } catch (error) {
      this.#points.push(pointOfError('wires carry frames to the end', error as Error));
    }
  }

  async #playScenario(links: LinkControl): Promise<void> {
    this.#options.onStage?.('scenario');
    const began = monotonicNow();
    const objects: PutObject[] = [];
    const outcomes = await play(this.#plan.topology.scenario, {
      topology: this.#plan.topology,
      seed: this.#options.seed,
      actor: (name) => this.#lab.node(name),
      restart: async (name) => this.#lab.restart(name),
      links,
      events: this.#lab.events,
      beginPhase: (name) => this.#beginPhase(name),
      puts: this.#puts,
      objects,
      killed: this.#killed,
      now: monotonicNow,
    });
    await this.#lab.whenQuiet();
    if (this.#plan.topology.expect.some(({ kind }) => kind === 'queue-drops'))
      this.#queueDrops = readQueueDrops(this.#plan);
    this.#counters.push({ nodes: await this.#lab.counters() });
    for (const node of this.#lab.nodes.values()) {
      if (!node.running && !this.#killed.has(node.name)) {
        this.#points.push(pointOfError(`${node.name} runs to the end`, node.endedEarly()));
      }
    }
    this.#took.scenario = monotonicNow() - began;
    this.#points.push(...outcomes.map((outcome) => pointOfStep(outcome, !timingIsReliable())));
    for (const { error, summary: _, ...step } of outcomes) {
      this.#steps.push({ ...step, ...(error && { error: error.message }) });
    }
  }

  /** Notes when a phase begins, and what nodes have counted until then if somebody wants to know what they count in it. */
  async #beginPhase(name: string): Promise<void> {
    const wanted = this.#plan.topology.expect.some(({ kind, phase }) => kind === 'counters' && phase !== undefined);
    if (wanted) this.#counters.push({ phase: name, nodes: await this.#lab.counters() });
    this.#phases.push({ name, from: monotonicNow() });
  }

  async #writeResult(): Promise<RunResult> {
    const { topology } = this.#plan;
    const { folder, seed, links } = this.#options;
    const result: RunResult = {
      schema: 1,
      topology: topology.name,
      file: topology.file,
      outcome: outcomeOf(this.#points),
      folder,
      seed,
      links,
      startedAt: this.#startedAt.toISOString(),
      took: this.#took,
      points: this.#points,
      figures: figuresOf(this.#plan, this.#lab.nodes.size, this.#evidence),
      versions: versions(),
    };
    await writeResult(result);
    return result;
  }
}

/** Of a capture that there is none. */
const NOTHING_SEEN: Captured = { sightings: [], others: [], frames: 0, dropped: 0, ignored: {} };

/** What of the capture is worth keeping beside the ledger. */
function countsOf({ frames, dropped, ignored, others }: Captured): CaptureCounts {
  const byEnd: Record<string, number> = {};
  for (const { end } of others) byEnd[end] = (byEnd[end] ?? 0) + 1;
  return { frames, dropped, ignored, others: byEnd };
}
