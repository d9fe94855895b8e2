import { writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { TIMING_VARIABLE, UNRELIABLE } from '../sandbox/timing.ts';
import { chooseAcceleration } from './acceleration.ts';
import { BOOT_LIMIT, CONSOLE_SHOWN, GRACE, ROOT_TAG, SHARE_TAG } from './constants.ts';
import { jobScript, SCRATCH } from './guest.ts';
import { type GuestLink, linkGuest } from './guest-link.ts';
import { initramfs } from './initramfs.ts';
import { findParts } from './parts.ts';
import { type Machine, qemuCommand, SOCKETS } from './qemu.ts';
import { connectTerminal } from './terminal.ts';
import { end, startTied, type Tied } from './tied.ts';

import { startVirtiofsd } from './virtiofsd.ts';
import { openWorkspace } from './workspace.ts';

export interface VmRequest {
  command: readonly string[];
  /** Where the command starts. */
  folder: string;
  environment: Readonly<Record<string, string | undefined>>;
  /** A folder, by its absolute path, that the guest may write, besides its memory. */
  share?: string;
  /** Whether the command runs on this program's terminal. */
  terminal: boolean;
  /** MiB. */
  memory: number;
  cpus: number;
  /** s; `undefined`: as long as it takes. */
  timeout?: number | undefined;
}

/** The VM did not get to the end of the command. */
export class VmError extends Error {
  override name = 'VmError';
}

/** What the kernel says about the end of PID 1, which says nothing about its reason. */
const AFTERMATH = /^[^\n]*Kernel panic.*/ms;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
type Signal = (typeof SIGNALS)[number];

/**
 * Runs a command in a VM on this machine's files, passes its output on, and ends the VM. When this program ends earlier, however it ends, so does
 * the VM. The first SIGINT, SIGTERM or SIGHUP goes to the command, a second one ends the VM.
 * @returns the exit code of the command.
 * @throws UnsupportedError when a part is missing, VmError when the VM ends, or its time is over, before the command ends.
 */
export async function runInVm(request: VmRequest): Promise<number> {
  const parts = await findParts();
  const { file } = await initramfs(parts.kernel);
  const { accelerator, reason } = await chooseAcceleration(parts, file);
  if (reason !== undefined) {
    process.stderr.write(`castlab: the VM runs without KVM (${reason}): what it says about latency is inconclusive\n`);
  }
  const { share, memory, cpus, terminal } = request;
  const workspace = await openWorkspace();
  const inside = (name: string) => join(workspace.folder, name);
  const daemons: Tied[] = [];
  try {
    await writeFile(inside('job'), jobScript(jobOf(request, accelerator === 'tcg')));
    const shares: Machine['shares'] = { [ROOT_TAG]: inside('root') };
    daemons.push(await startVirtiofsd(parts.virtiofsd, { folder: '/', socket: inside('root'), readOnly: true }));
    if (share !== undefined) {
      shares[SHARE_TAG] = inside('share');
      daemons.push(await startVirtiofsd(parts.virtiofsd, { folder: share, socket: inside('share'), readOnly: false }));
    }
    const parameters = { castlab_job: inside('job'), ...(layered() && { castlab_layer: '1' }) };
    const { qemu, kernel } = parts;
    const machine = { qemu, kernel, initramfs: file, accelerator, memory, cpus, parameters, shares, terminal };
    return await follow(await startTied(qemuCommand(machine), { sockets: SOCKETS.length }), request);
  } finally {
    await Promise.all(daemons.map(end));
    await workspace.remove();
  }
}

/**
 * Whether the guest has a layer of memory above its root. The kernel opens what is under such a layer with O_NOATIME, which only the owner of a
 * file and root may (open(2)): an ordinary user's guest has a read-only root, and /run to write to.
 */
const layered = () => process.geteuid?.() === 0;

function jobOf({ command, folder, environment, share, terminal }: VmRequest, emulated: boolean) {
  const { columns = 80, rows = 24 } = process.stdout;
  return {
    command,
    folder,
    environment: {
      ...environment,
      ...(!layered() && { TMPDIR: SCRATCH }),
      ...(emulated && { [TIMING_VARIABLE]: UNRELIABLE }),
    },
    share,
    terminal: terminal ? { columns, rows } : undefined,
  };
}

/** From the start of QEMU to its end. */
async function follow(qemu: Tied, { terminal, timeout }: VmRequest): Promise<number> {
  const guest = linkGuest(qemu);
  pass(guest.stdout, process.stdout);
  pass(guest.stderr, process.stderr);
  const timers: NodeJS.Timeout[] = [];
  const after = (ms: number, action: () => void) => timers.push(setTimeout(action, ms));
  let interrupt: (name: Signal) => void = () => {};
  const onSignal = (name: Signal) => interrupt(name);
  for (const name of SIGNALS) process.on(name, onSignal);
  const disconnect = terminal ? connectTerminal(guest.terminal!, () => interrupt('SIGHUP')) : undefined;
  try {
    return await new Promise<number>((resolve, reject) => {
      let state: 'booting' | 'running' | 'interrupted' = 'booting';
      interrupt = (name) => {
        const end = () => resolve(128 + constants.signals[name]);
        if (state !== 'running') return end();
        state = 'interrupted';
        guest.signal(name);
        after(GRACE, end);
      };
      guest.up.then(() => {
        state = 'running';
      });
      guest.exit.then(resolve);
      qemu.ended.then((how) => reject(new VmError(explain(guest, `QEMU: ${qemu.said() || how}`))), reject);
      after(BOOT_LIMIT, () => {
        if (state === 'booting') reject(new VmError(explain(guest, `no boot within ${BOOT_LIMIT / 1_000} s`)));
      });
      if (timeout === undefined) return;
      after(timeout * 1_000, () => reject(new VmError(`the command did not end within ${timeout} s (--timeout)`)));
    });
  } finally {
    for (const timer of timers) clearTimeout(timer);
    for (const name of SIGNALS) process.off(name, onSignal);
    // What the guest wrote has arrived when QEMU has closed its sockets.
    await end(qemu);
    disconnect?.();
  }
}

function pass(from: Duplex, to: NodeJS.WriteStream): void {
  from.pipe(to, { end: false });
}

function explain(guest: GuestLink, what: string): string {
  const lines = guest.console().replace(AFTERMATH, '').trim().split('\n').slice(-CONSOLE_SHOWN);
  return [
    `the VM ended before the command did (${what}); its console said last:`,
    ...lines.map((line) => `  ${line}`),
  ].join('\n');
}
