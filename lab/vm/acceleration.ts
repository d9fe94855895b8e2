import { accessSync, constants, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { keep, keptAt } from './cache.ts';
import { KVM_PROBE_LIMIT } from './constants.ts';
import { SIGN_OF_LIFE } from './guest.ts';
import type { Parts } from './parts.ts';
import { type Accelerator, qemuCommand } from './qemu.ts';
import { startTied } from './tied.ts';

export interface Acceleration {
  accelerator: Accelerator;
  /** Why it is not KVM. */
  reason?: string;
}

const KIND = 'kvm';
const DEVICE = '/dev/kvm';

/**
 * KVM where it boots a guest; on some machines the device is there and a guest hangs at its first instruction, so this tries, once for each
 * boot of this machine and each kernel.
 */
export async function chooseAcceleration(parts: Parts, initramfs: string): Promise<Acceleration> {
  const closed = whyClosed();
  if (closed !== undefined) return { accelerator: 'tcg', reason: closed };
  const key = `${parts.kernel.version}-${bootId()}`;
  let reason = await readFile(keptAt(KIND, key), 'utf8').catch(() => undefined);
  if (reason === undefined) {
    reason = await tryKvm(parts, initramfs);
    await keep(KIND, key, reason);
  }
  return reason === '' ? { accelerator: 'kvm' } : { accelerator: 'tcg', reason };
}

/** Why the device of KVM cannot be used, as far as a look tells; `undefined`: it can be opened. */
export function whyClosed(device = DEVICE): string | undefined {
  try {
    accessSync(device, constants.R_OK | constants.W_OK);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
      ? `there is no ${device}`
      : `this user may not use ${device} (group kvm)`;
  }
}

/** Boots the kernel until it says something. Returns what is wrong, or nothing. */
async function tryKvm({ qemu, kernel }: Parts, initramfs: string): Promise<string> {
  const machine = {
    qemu,
    kernel,
    initramfs,
    accelerator: 'kvm',
    memory: 256,
    cpus: 1,
    shares: {},
    terminal: false,
  } as const;
  const tied = await startTied(qemuCommand({ ...machine, parameters: { castlab_probe: '1' } }), { sockets: 4 });
  const timer = new AbortController();
  const alive = new Promise<string>((resolve) => {
    let console = '';
    tied.sockets[0]!.setEncoding('utf8').on('data', (text: string) => {
      console += text;
      if (console.includes(SIGN_OF_LIFE)) resolve('');
    });
  });
  const dead = tied.ended.then((how) => `QEMU ended without booting, ${(tied.said() || how).split('\n')[0]}`);
  const late = pause(KVM_PROBE_LIMIT, `${DEVICE} is there, but a guest does not boot with it`, {
    signal: timer.signal,
  });
  late.catch(() => {}); // aborted: somebody else was first
  const reason = await Promise.race([alive, dead, late]);
  timer.abort();
  tied.process.kill('SIGKILL');
  await tied.ended;
  return reason;
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}
