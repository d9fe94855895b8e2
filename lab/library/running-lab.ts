import { execa } from 'execa';
import type * as z from 'zod';
import { endLab, enterCommand, type KnownLab, LabClient, type LabStatus } from '../live/index.ts';
import type { stepKinds } from '../topology/steps/index.ts';
import { type Expect, expectationsOf } from './expect.ts';
import type { TestContext } from './test-context.ts';

/** What steps take, by the names of topology files: docs/topology.md has them all. */
export type StepKinds = { [K in keyof typeof stepKinds]: z.input<(typeof stepKinds)[K]['schema']> };

/** How a command ended in a lab. */
export interface Executed {
  /** `null`: it was ended by a signal. */
  code: number | null;
  stdout: string;
  stderr: string;
}

type Names = string | string[];

/**
 * A lab that is up, for one test. Every step rejects with an Error when it fails, and with an InputError when it names what is not there, with
 * the nearest name.
 */
export class RunningLab {
  /** Name under which `castlab exec`, `castlab status` and the others find it while the test runs. */
  readonly name: string;
  readonly expect: Expect;
  readonly #client: LabClient;
  #closed: Promise<void> | undefined;

  private constructor(client: LabClient, test: TestContext) {
    this.name = client.lab.record.name;
    this.#client = client;
    this.expect = expectationsOf(test, client);
  }

  /** @internal */
  static async of(known: KnownLab, test: TestContext): Promise<RunningLab> {
    return new RunningLab(await LabClient.connect(known), test);
  }

  /** Takes steps as a topology file has them under `scenario`, one after the other. Resolves to a line about each. */
  async step(...steps: { [K in keyof StepKinds]?: StepKinds[K] }[]): Promise<string[]> {
    const outcomes = await this.#client.step(...steps);
    const failed = outcomes.find(({ error }) => error !== undefined);
    if (failed) throw new Error(`${failed.title}: ${failed.error}`);
    return outcomes.map(({ summary }) => summary);
  }

  /** Puts generated objects, or a file. */
  put = (put: StepKinds['put']) => this.step({ put });
  /** Gets back everything that was put so far, and compares. */
  get = (get: StepKinds['get']) => this.step({ get });
  /** Sends plain overlay datagrams. */
  send = (send: StepKinds['send']) => this.step({ send });
  /** Takes links (`a--b`) down at both ends. */
  down = (links: Names) => this.step({ down: links });
  /** Brings links up again. */
  up = (links: Names) => this.step({ up: links });
  /** Takes links down and up again, many times. */
  flap = (flap: StepKinds['flap']) => this.step({ flap });
  /** Changes what a link (`a--b`) or one direction of it (`a>b`) does; what is not named keeps its value. */
  impair = (link: Names, change: Omit<StepKinds['impair'], 'link'>) => this.step({ impair: { link, ...change } });
  /** Kills the program of a host. */
  kill = (node: string) => this.step({ kill: node });
  /** Starts it again; resolves when it is ready. */
  restart = (node: string) => this.step({ restart: node });
  /** Stops the program of a host where it stands. */
  pause = (pause: StepKinds['pause']) => this.step({ pause });
  /** Lets it go on. */
  resume = (node: string) => this.step({ resume: node });
  /** Cuts zones, switches or hosts off from all others. */
  partition = (nodes: StepKinds['partition']) => this.step({ partition: nodes });
  /** Brings back what partitions have cut. */
  heal = () => this.step({ heal: 'all' });
  /** Waits for something to happen. */
  waitFor = (condition: StepKinds['wait-for']) => this.step({ 'wait-for': condition });

  /** From now on, only what comes is judged. */
  mark(): Promise<void> {
    return this.#client.mark();
  }

  /** Nodes, links, and what has crossed them. */
  status(): Promise<LabStatus> {
    return this.#client.status();
  }

  /** What every node that answers has counted. */
  counters(): Promise<Record<string, unknown>> {
    return this.#client.counters();
  }

  /** Runs a command on a host, switch or router; resolves when it has ended, however it did. */
  async exec(node: string, command: readonly [string, ...string[]]): Promise<Executed> {
    const [program, ...args] = enterCommand(this.#client.lab, ['exec', this.name, node, '--', ...command]);
    const { exitCode, stdout, stderr } = await execa(program, args, {
      stdin: 'ignore',
      reject: false,
      stripFinalNewline: false,
    });
    return { code: exitCode ?? null, stdout, stderr };
  }

  /** Ends the lab before its test ends. */
  close(): Promise<void> {
    this.#closed ??= (async () => {
      this.#client.close();
      await endLab(this.#client.lab);
    })();
    return this.#closed;
  }
}
