import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { UnsupportedError } from '../sandbox/unsupported.ts';
import { VIRTIOFSD_LIMIT } from './constants.ts';
import type { Virtiofsd } from './parts.ts';
import { end, startTied, type Tied } from './tied.ts';

/** A folder of this machine that a guest may mount. */
export interface Share {
  folder: string;
  socket: string;
  readOnly: boolean;
}

/**
 * How to start virtiofsd for a share. Pure.
 *
 * Files belong to root in the guest. An ordinary user's virtiofsd in Rust serves them as the user; the one in C wants to be root, which it is in a
 * user namespace. That one also leaves a lock in /run, wherever its socket is: it gets a /run of its own.
 */
export function virtiofsdCommand(
  daemon: Virtiofsd,
  share: Share,
  root: boolean,
): { within: string[]; command: string[] } {
  // The guest is the only one to write to its run folder, but what it wrote is read here; the rest does not change under it.
  const cache = share.readOnly ? 'always' : 'auto';
  if (daemon.flavour === 'rust') {
    const options = [`--shared-dir=${share.folder}`, `--socket-path=${share.socket}`, `--cache=${cache}`];
    const readOnly = share.readOnly && daemon.canBeReadOnly ? ['--readonly'] : [];
    return { within: [], command: [daemon.program, ...options, `--sandbox=${root ? 'chroot' : 'none'}`, ...readOnly] };
  }
  return {
    within: [
      ...['unshare', '--mount', '--propagation', 'private', ...(root ? [] : ['--user', '--map-root-user'])],
      ...['--', 'sh', '-c', 'mount -t tmpfs lock /run && exec "$@"', 'sh'],
    ],
    command: [
      daemon.program,
      `--socket-path=${share.socket}`,
      ...['-o', `source=${share.folder}`, '-o', `cache=${cache}`, '-o', 'sandbox=chroot'],
      // Only real root may raise it.
      ...(root ? [] : ['--rlimit-nofile=0']),
    ],
  };
}

/** Starts virtiofsd and waits until it listens. It ends by itself with the QEMU that connects to it. @throws UnsupportedError with its words. */
export async function startVirtiofsd(daemon: Virtiofsd, share: Share): Promise<Tied> {
  const root = process.geteuid?.() === 0;
  const { within, command } = virtiofsdCommand(daemon, share, root);
  // The one in C gives up all groups first, which only real root may.
  const remedy =
    root || daemon.flavour === 'rust'
      ? undefined
      : 'run it as root, or use the virtiofsd in Rust that comes with QEMU 8 and later';
  const refused = (words: string) =>
    new UnsupportedError(`no VM: ${share.folder} cannot be shared (virtiofsd: ${words})`, remedy);
  const tied = await startTied(command, { within }).catch((error: Error) => {
    throw error instanceof UnsupportedError ? error : refused(error.message);
  });
  let ended = false;
  tied.ended.finally(() => {
    ended = true;
  });
  for (const limit = Date.now() + VIRTIOFSD_LIMIT; !existsSync(share.socket); ) {
    if (ended) throw refused(tied.said() || (await tied.ended));
    if (Date.now() > limit) {
      await end(tied);
      throw refused(tied.said() || `it did not listen within ${VIRTIOFSD_LIMIT} ms`);
    }
    await pause(5);
  }
  return tied;
}
