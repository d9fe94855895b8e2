import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { InputError, suggestion } from '../../src/document/index.ts';
import { type KnownLab, knownLabs, labNamed } from '../live/index.ts';

/** Between two looks of -f, ms. */
const INTERVAL = 100;
const PIECE = 1 << 16;

/** `castlab logs`: what the nodes of a lab log and print. */
export function register(program: Command): void {
  program
    .command('logs')
    .description('what the nodes of a lab have logged and printed, each line with the name of its node')
    .argument('<lab>', 'name of the lab')
    .argument('[node...]', 'only these hosts')
    .option('-f, --follow', 'go on with what comes, until the lab ends')
    .addHelpText('after', '\nExample:\n  castlab logs ring t1 -f')
    .action(async (name: string, nodes: string[], { follow }: { follow?: true }) => {
      const lab = labNamed(name);
      for (const node of nodes) {
        if (lab.record.nodes.includes(node)) continue;
        throw new InputError(`castlab logs: unknown host "${node}"${suggestion(node, lab.record.nodes)}`);
      }
      const tail = new Tail(lab, nodes);
      tail.read();
      while (follow && isUp(lab)) {
        await sleep(INTERVAL);
        tail.read();
      }
    });
}

const isUp = ({ record }: KnownLab) =>
  knownLabs().some((lab) => lab.record.life.pid === record.life.pid && lab.state === 'up');

/** The ends of a lab's log files. */
class Tail {
  readonly #folder: string;
  readonly #nodes: readonly string[];
  /** Per file, how far it has been printed, and what of a line that has no end yet. */
  readonly #read = new Map<string, { at: number; rest: string }>();

  constructor({ folder }: KnownLab, nodes: readonly string[]) {
    this.#folder = join(folder, 'logs');
    this.#nodes = nodes;
  }

  /** Prints the lines that have come since the last time. */
  read(): void {
    for (const file of this.#files().sort()) {
      const known = this.#read.get(file) ?? { at: 0, rest: '' };
      this.#read.set(file, known);
      const bytes = readFrom(join(this.#folder, file), known.at);
      known.at += bytes.length;
      const lines = (known.rest + bytes.toString('utf8')).split('\n');
      known.rest = lines.pop()!;
      for (const line of lines) process.stdout.write(`${nodeOf(file)}: ${describeLine(line)}\n`);
    }
  }

  #files(): string[] {
    try {
      const files = readdirSync(this.#folder);
      return this.#nodes.length === 0 ? files : files.filter((file) => this.#nodes.includes(nodeOf(file)));
    } catch {
      return []; // the lab has ended
    }
  }
}

const nodeOf = (file: string) => file.replace(/\.(jsonl|out)$/, '');

function readFrom(path: string, at: number): Buffer {
  const pieces: Buffer[] = [];
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return Buffer.alloc(0); // it went with its lab
  }
  try {
    for (let position = at; ; ) {
      const piece = Buffer.alloc(PIECE);
      const read = readSync(fd, piece, 0, PIECE, position);
      if (read === 0) return Buffer.concat(pieces);
      pieces.push(piece.subarray(0, read));
      position += read;
    }
  } finally {
    closeSync(fd);
  }
}

/** Names of pino's levels. */
const LEVELS: Record<number, string> = { 10: 'trace', 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' };

/** A line of a log as people read it; any other line as it is. Pure. */
export function describeLine(line: string): string {
  if (!line.startsWith('{')) return line;
  try {
    const { level, time, msg, name: _, pid: __, hostname: ___, ...rest } = JSON.parse(line) as Record<string, unknown>;
    const at = typeof time === 'number' ? new Date(time).toISOString().slice(11, 23) : String(time ?? '');
    const fields = Object.entries(rest).map(
      ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
    );
    return [at, LEVELS[level as number] ?? String(level), String(msg ?? ''), ...fields]
      .filter((part) => part !== '')
      .join(' ');
  } catch {
    return line;
  }
}
