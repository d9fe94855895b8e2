import { readFileSync } from 'node:fs';

/** A process, such that another one that gets its number later is not taken for it. */
export interface Life {
  pid: number;
  /** Clock ticks from the machine's start to its own (proc(5), field 22 of /proc/PID/stat). */
  start: string;
  /** Which run of the machine that was. */
  boot: string;
}

/** Fields of /proc/PID/stat after the name of the program, which may contain anything. */
const START_FIELD = 19;

/** @throws Error (ENOENT) when there is no such process. */
export function lifeOf(pid: number): Life {
  return { pid, start: startOf(pid), boot: boot() };
}

/** Whether that process runs. */
export function lives({ pid, start, boot: then }: Life): boolean {
  try {
    return startOf(pid) === start && boot() === then;
  } catch {
    return false;
  }
}

function startOf(pid: number): string {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const [state, ...fields] = text.slice(text.lastIndexOf(') ') + 2).split(' ');
  // A zombie has ended: only its parent has not looked yet.
  if (state === 'Z' || state === 'X') throw new Error(`process ${pid} has ended`);
  return fields[START_FIELD - 1]!;
}

function boot(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}
