import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { copyFile, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { Step, Topology } from '../topology/index.ts';

/** A file that a topology names, as it was when it was used. */
export interface Input {
  /** As the topology names it. */
  path: string;
  /** What was read of it. */
  bytes: number;
  /** SHA-256 of that, hexadecimal. */
  sha256: string;
  /** Where the run folder has a copy; absent when it is too large to be kept with every run. */
  copy?: string;
}

/** Of the run folder. */
const LIST = 'inputs.json';
const COPIES = 'inputs';
/** Larger files are known by their hash only. */
const COPIED_BYTES = 64 * 1024 * 1024;
/** The running Node.js binary, as a put may name it. */
const NODE_BINARY = '$node';
/** What lies here belongs to the machine, as the kernel does. */
const SYSTEM = /^\/(usr|bin|sbin|lib\w*|opt|etc|proc|dev|sys)\//;

/** Copies every file that the topology's puts and commands name into the run folder, and writes down what it was. */
export async function keepInputs(topology: Topology, folder: string): Promise<void> {
  const inputs: Input[] = [];
  for (const { path, limit } of namedFiles(topology)) {
    const input = await examine(path, limit);
    if (!input) continue;
    if (path !== NODE_BINARY && input.bytes <= COPIED_BYTES) {
      input.copy = join(COPIES, `${inputs.length}-${basename(path)}`);
      await mkdir(join(folder, COPIES), { recursive: true });
      await copyFile(path, join(folder, input.copy), constants.COPYFILE_FICLONE);
    }
    inputs.push(input);
  }
  await writeFile(join(folder, LIST), `${JSON.stringify(inputs, null, 2)}\n`);
}

/** The same topology with the run's own copies in place of the files that it names, and what could not be had as it was. */
export async function withInputs(
  topology: Topology,
  folder: string,
): Promise<{ topology: Topology; warnings: string[] }> {
  const inputs = JSON.parse(await readFile(join(folder, LIST), 'utf8').catch(() => '[]')) as Input[];
  const warnings: string[] = [];
  const copies = new Map<string, string>();
  for (const { path, bytes, sha256, copy } of inputs) {
    if (copy !== undefined) copies.set(path, resolve(folder, copy));
    else {
      const now = await examine(path, bytes);
      if (!now) warnings.push(`${path} is not there any more`);
      else if (now.sha256 !== sha256) warnings.push(`${path} is not the file that it was: its bytes differ`);
    }
  }
  const replaced = (path: string) => copies.get(path) ?? path;
  const replacedStep = (step: Step): Step => {
    if (step.kind === 'put' && step.file !== undefined) return { ...step, file: replaced(step.file) };
    if (step.kind === 'run') return { ...step, command: step.command.map(replaced) };
    return step;
  };
  return {
    topology: {
      ...topology,
      hosts: topology.hosts.map((host) => (host.run ? { ...host, run: host.run.map(replaced) } : host)),
      scenario: topology.scenario.map(replacedStep),
    },
    warnings,
  };
}

/** Each file once, with how much of it is read. */
function namedFiles({ hosts, scenario }: Topology): { path: string; limit: number }[] {
  const limits = new Map<string, number>();
  const add = (path: string, limit = Number.POSITIVE_INFINITY) =>
    limits.set(path, Math.max(limit, limits.get(path) ?? 0));
  for (const step of scenario) {
    if (step.kind === 'put' && step.file !== undefined) add(step.file, step.bytes);
    if (step.kind === 'run') for (const word of step.command) add(word);
  }
  for (const { run = [] } of hosts) for (const word of run) add(word);
  return [...limits]
    .filter(([path]) => path === NODE_BINARY || !SYSTEM.test(resolve(path)))
    .map(([path, limit]) => ({ path, limit }));
}

/** `undefined` when there is no such file: most words of a command are none, and a put says itself what it misses. */
async function examine(path: string, limit: number): Promise<Input | undefined> {
  const file = path === NODE_BINARY ? process.execPath : path;
  const info = await stat(file).catch(() => undefined);
  if (!info?.isFile()) return undefined;
  const bytes = Math.min(limit, info.size);
  const hash = createHash('sha256');
  if (bytes > 0) for await (const piece of createReadStream(file, { end: bytes - 1 })) hash.update(piece as Buffer);
  return { path, bytes, sha256: hash.digest('hex') };
}
