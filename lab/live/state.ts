import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { InputError, suggestion } from '../../src/document/index.ts';
import { type Life, lifeOf, lives } from './life.ts';

/** What is known of a lab outside of it: lab.json in its folder. */
export interface LabRecord {
  schema: 1;
  name: string;
  /** Of the topology. */
  topology: string;
  /** Path of the topology file. */
  file: string;
  seed: number;
  /** ISO 8601. */
  startedAt: string;
  /** PID 1 of the lab, as it is called outside; until that exists, the process that makes it. All of the lab ends with it. */
  life: Life;
  /** Hosts, switches and routers. */
  nodes: string[];
  /** Links, `a--b`. */
  links: string[];
}

/** `gone`: its PID 1 was ended from outside, and with it, by the kernel, everything else of the lab. */
export type LabState = 'starting' | 'up' | 'gone';

/** A lab with its state folder. */
export interface KnownLab {
  record: LabRecord;
  folder: string;
  state: LabState;
}

/** Files of a lab's state folder. */
export const LAB_FILES = {
  record: 'lab.json',
  /** Control socket of the lab itself. */
  control: 'control',
  /** How to get in. */
  enter: 'enter',
  /** What PID 1 says. */
  output: 'output.log',
  /** One a line, for shell completion. */
  nodeNames: 'node-names',
  linkNames: 'link-names',
  /** The plan that it was built from. */
  plan: 'plan.json',
} as const;

const RECORD = LAB_FILES.record;
/** Begins the name of a folder that is on its way in or out; no topology is called so. */
const PASSING = '.passing-';

/**
 * The folder of the caller's living labs: `castlab` in $XDG_RUNTIME_DIR, without one `castlab-UID` in the folder for temporary files. Only its
 * owner may look into it.
 * @throws InputError when it cannot be made, or somebody else has taken its place.
 */
export function stateRoot(env: NodeJS.ProcessEnv = process.env): string {
  // bin/castlab has the same rule.
  const runtime = env['XDG_RUNTIME_DIR'];
  const own = process.geteuid!();
  const root = runtime ? join(runtime, 'castlab') : join(env['TMPDIR'] || '/tmp', `castlab-${own}`);
  try {
    mkdirSync(root, { recursive: true, mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new InputError(`cannot make ${root} (${code}): set XDG_RUNTIME_DIR to a folder of your own`);
  }
  const { uid, mode } = statSync(root);
  if (uid !== own || (mode & 0o077) !== 0) {
    throw new InputError(
      `${root} must belong to user ${own} alone: remove it, or set XDG_RUNTIME_DIR to a folder of your own`,
    );
  }
  return realpathSync(root);
}

/** All labs of the caller, by name. */
export function knownLabs(root: string = stateRoot()): KnownLab[] {
  return readdirSync(root)
    .filter((name) => !name.startsWith(PASSING))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .flatMap((name) => knownLab(root, name) ?? []);
}

function knownLab(root: string, name: string): KnownLab | undefined {
  const folder = join(root, name);
  const record = readRecord(folder);
  if (record === undefined) return undefined;
  const up = existsSync(join(folder, LAB_FILES.control));
  return { record, folder, state: !lives(record.life) ? 'gone' : up ? 'up' : 'starting' };
}

/**
 * A lab that is up.
 * @throws InputError when there is none of that name, with the nearest one, or when it is not up.
 */
export function labNamed(name: string, root: string = stateRoot()): KnownLab {
  const labs = knownLabs(root);
  const lab = labs.find(({ record }) => record.name === name);
  if (lab === undefined) {
    const names = labs.filter(({ state }) => state === 'up').map(({ record }) => record.name);
    const hint = names.length === 0 ? ': none is up (castlab up FILE starts one)' : suggestion(name, names);
    throw new InputError(`castlab: unknown lab "${name}"${hint}`);
  }
  if (lab.state === 'gone')
    throw new InputError(`castlab: lab ${name} is gone: its supervisor has ended, and all of it with that`);
  if (lab.state === 'starting') throw new InputError(`castlab: lab ${name} is not up yet`);
  return lab;
}

/**
 * Takes a name for a new lab and makes its folder.
 * @param exact whether it must be this name; otherwise a number is added to one that is taken.
 * @returns the folder, or `undefined` when the name is taken.
 */
export function claim(
  root: string,
  record: LabRecord,
  exact: boolean,
): { folder: string; record: LabRecord } | undefined {
  const passing = join(root, `${PASSING}${randomBytes(6).toString('hex')}`);
  mkdirSync(passing, { mode: 0o700 });
  for (let turn = 1; ; turn++) {
    const named = { ...record, name: turn === 1 ? record.name : `${record.name}-${turn}` };
    const folder = join(root, named.name);
    writeRecord(passing, named);
    const old = knownLab(root, named.name);
    if (old?.state === 'gone') forget(old);
    try {
      // A folder takes the place of another one only if that is empty.
      renameSync(passing, folder);
      return { folder, record: named };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    }
    if (exact) {
      rmSync(passing, { recursive: true });
      return undefined;
    }
  }
}

/** Replaces what is known of a lab, in one go. */
export function writeRecord(folder: string, record: LabRecord): void {
  const file = join(folder, RECORD);
  writeFileSync(`${file}.new`, `${JSON.stringify(record, null, 2)}\n`);
  renameSync(`${file}.new`, file);
}

/** Removes the folder of a lab that is gone. Not one that has taken its name meanwhile. */
export function forget({ folder, record }: Pick<KnownLab, 'folder' | 'record'>): void {
  const passing = join(folder, '..', `${PASSING}${randomBytes(6).toString('hex')}`);
  try {
    renameSync(folder, passing);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const found = readRecord(passing);
  if (found !== undefined && found.life.pid !== record.life.pid && lives(found.life)) renameSync(passing, folder);
  else rmSync(passing, { recursive: true, force: true, maxRetries: 5 });
}

/** The process that makes a lab, until the lab has a PID 1 of its own. */
export const ownLife = (): Life => lifeOf(process.pid);

function readRecord(folder: string): LabRecord | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, RECORD), 'utf8')) as LabRecord;
  } catch {
    return undefined;
  }
}
