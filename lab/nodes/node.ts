import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { ControlClient } from '../../src/daemon/control.ts';
import { inNamespace } from '../../src/kernel/index.ts';
import type { NodeEvent } from '../observe/evidence.ts';
import { EMULATED_SLOWDOWN, timingIsReliable } from '../sandbox/timing.ts';

export interface NodeOptions {
  /** Host, and name of its namespace. */
  name: string;
  /** Program and arguments. */
  command: readonly [string, ...string[]];
  /** Path of its control socket. */
  control: string;
  /** What it writes to stdout and stderr goes here. */
  outputFile: string;
  onEvent: (event: NodeEvent) => void;
  /**
   * A program of the user's, which does not say when it is ready: it counts as ready once it runs. It has a process group of its own, which
   * gets every signal, so that what it starts ends with it.
   */
  foreign?: boolean;
}

/** How a node's process ended. */
export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A node that ended, or never became ready, when it should have run; with its last words. */
export class NodeError extends Error {
  override name = 'NodeError';
  readonly node: string;
  readonly lastLines: readonly string[];

  constructor(node: string, message: string, lastLines: readonly string[]) {
    super(`node ${node}: ${message}`);
    this.node = node;
    this.lastLines = lastLines;
  }
}

/** Lines of a node's output that an error shows. */
const keptLines = 12;

/**
 * One program of the lab, running in its host's namespace. Structured events come as JSON lines on its file descriptor 3,
 * the lab's wishes go to its control socket.
 */
export class LabNode {
  readonly name: string;
  /** Settles when the process has ended and all its events have been read. */
  readonly ended: Promise<Exit>;
  readonly #options: NodeOptions;
  readonly #child: ChildProcess;
  readonly #output: WriteStream;
  readonly #lastLines: string[] = [];
  readonly #ready: Promise<void>;
  #client: ControlClient | undefined;
  #exit: Exit | undefined;

  constructor(options: NodeOptions) {
    this.name = options.name;
    this.#options = options;
    this.#output = createWriteStream(options.outputFile, { flags: 'a' });
    const [program, ...args] = options.command;
    // A child is born into the network namespace of the thread that forks it.
    this.#child = inNamespace(options.name, () =>
      spawn(program, args, {
        stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
        env: { ...process.env, NODE_OPTIONS: '' },
        detached: options.foreign === true,
      }),
    );
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) this.#keepLines(stream);

    let becameReady: () => void;
    const ready = new Promise<void>((resolve) => {
      becameReady = resolve;
    });
    if (options.foreign) this.#child.once('spawn', () => becameReady());
    const events = createInterface({ input: this.#child.stdio[3] as Readable });
    events.on('line', (line) => {
      const event = parseEvent(line);
      if (!event) return this.#remember(`unreadable event: ${line}`);
      if (event.event === 'ready') becameReady();
      options.onEvent(event);
    });
    const allRead = new Promise<void>((resolve) => events.once('close', resolve));

    const exited = new Promise<Exit>((resolve, reject) => {
      this.#child.once('error', (error) => reject(this.#error(`cannot start ${program}: ${error.message}`)));
      this.#child.once('close', (code, signal) => {
        this.#exit = { code, signal };
        resolve(this.#exit);
      });
    });
    this.ended = exited.then(async (exit) => {
      await allRead;
      this.#client?.close();
      this.#output.end();
      return exit;
    });
    this.ended.catch(() => {});
    this.#ready = Promise.race([
      ready,
      exited.then((exit) => {
        throw this.#error(`ended before it was ready (${describeExit(exit)})`);
      }),
    ]);
    this.#ready.catch(() => {});
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get running(): boolean {
    return this.#exit === undefined && this.#child.pid !== undefined;
  }

  /** Waits until the node says it is ready. @throws NodeError when it ends first, or after `timeout` ms; longer where processors are emulated. */
  async whenReady(timeout: number): Promise<void> {
    const patience = timeout * (timingIsReliable() ? 1 : EMULATED_SLOWDOWN);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(this.#error(`not ready after ${patience / 1000} s`)), patience);
    });
    try {
      await Promise.race([this.#ready, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Asks the node through its control socket. @throws Error with the node's own words. */
  async request(op: string, args: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    if (!this.running) throw this.#error('is not running');
    this.#client ??= await ControlClient.connect(this.#options.control);
    return (await this.#client.request(op, args)) as Record<string, unknown>;
  }

  /** Why the node is not running any more, when it should be. */
  endedEarly(): NodeError {
    return this.#error(`ended in the middle of the run (${this.#exit ? describeExit(this.#exit) : 'never started'})`);
  }

  signal(signal: NodeJS.Signals): void {
    if (!this.running) return;
    if (!this.#options.foreign) {
      this.#child.kill(signal);
      return;
    }
    try {
      process.kill(-this.#child.pid!, signal);
    } catch (error) {
      // The whole group has ended, and the news of it is under way.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }

  /** Asks the node to end; after `patience` ms it is killed. */
  async stop(patience: number): Promise<Exit> {
    this.signal('SIGTERM');
    const timer = setTimeout(() => this.signal('SIGKILL'), patience);
    try {
      return await this.ended;
    } finally {
      clearTimeout(timer);
    }
  }

  #keepLines(stream: Readable): void {
    createInterface({ input: stream }).on('line', (line) => {
      this.#output.write(`${line}\n`);
      this.#remember(line);
    });
  }

  #remember(line: string): void {
    this.#lastLines.push(line);
    if (this.#lastLines.length > keptLines) this.#lastLines.shift();
  }

  #error(message: string): NodeError {
    return new NodeError(this.name, message, [...this.#lastLines]);
  }
}

export const describeExit = (exit: Exit): string =>
  exit.signal === null ? `exit code ${exit.code}` : `killed by ${exit.signal}`;

function parseEvent(line: string): NodeEvent | undefined {
  try {
    const event = JSON.parse(line) as NodeEvent;
    return typeof event.t === 'number' && typeof event.node === 'string' && typeof event.event === 'string'
      ? event
      : undefined;
  } catch {
    return undefined;
  }
}
