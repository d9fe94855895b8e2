import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import type { Watched } from './hook.ts';

/** How long a program may take to begin to watch itself, and to tell, ms; and between two looks. */
const PATIENCE = 30_000;
const PAUSE = 20;

/** Watches programs from inside, without a word in the programs. */
export class Profiling {
  /** For Node.js, before the program. */
  readonly nodeArguments: readonly string[];
  readonly #folder = mkdtempSync('/tmp/castlab-profile-');

  /** What is watched in every program that is started from now on with `nodeArguments`. */
  constructor(kind: 'time' | 'memory') {
    const hook = join(this.#folder, 'hook.mjs');
    // A program with a loader for TypeScript would be another one.
    buildSync({
      entryPoints: [fileURLToPath(new URL('hook.ts', import.meta.url))],
      outfile: hook,
      platform: 'node',
      target: 'node20',
      format: 'esm',
      logLevel: 'warning',
    });
    this.nodeArguments = ['--import', hook];
    Object.assign(process.env, { PROFILE: kind, PROFILE_FOLDER: this.#folder });
  }

  async begin(pids: readonly number[]): Promise<void> {
    for (const pid of pids) process.kill(pid, 'SIGUSR2');
    for (const pid of pids) await this.#whenThere(`${pid}.begun`);
  }

  /** @returns what was seen since `begin`, in the order of `pids` */
  async end(pids: readonly number[]): Promise<Watched[]> {
    for (const pid of pids) process.kill(pid, 'SIGUSR2');
    const all: Watched[] = [];
    for (const pid of pids) all.push(JSON.parse(readFileSync(await this.#whenThere(`${pid}.json`), 'utf8')));
    rmSync(this.#folder, { recursive: true });
    return all;
  }

  async #whenThere(name: string): Promise<string> {
    const file = join(this.#folder, name);
    for (let waited = 0; !existsSync(file); waited += PAUSE) {
      if (waited > PATIENCE) throw new Error(`the program that writes ${name} says nothing`);
      await sleep(PAUSE);
    }
    return file;
  }
}
