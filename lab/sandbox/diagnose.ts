import { readFileSync } from 'node:fs';
import { UnsupportedError } from './unsupported.ts';

/** What decides whether this machine lets the caller make namespaces. */
export interface Facts {
  /** What `unshare` printed. */
  output: string;
  /** Whether a user namespace was asked for: the caller has no CAP_SYS_ADMIN of its own. */
  rootless: boolean;
  /** Kernel settings under /proc/sys, absent ones left out. */
  settings: Record<string, string>;
}

/** The settings that forbid user namespaces, what each means, and the value that allows them. */
const SETTINGS: { path: string; forbids: (value: string) => boolean; reason: string; mend: string }[] = [
  {
    path: 'user/max_user_namespaces',
    forbids: (value) => value === '0',
    reason: 'user namespaces are switched off (user.max_user_namespaces is 0)',
    mend: 'sudo sysctl -w user.max_user_namespaces=15000',
  },
  {
    path: 'kernel/unprivileged_userns_clone',
    forbids: (value) => value === '0',
    reason: 'user namespaces are for root only (kernel.unprivileged_userns_clone is 0)',
    mend: 'sudo sysctl -w kernel.unprivileged_userns_clone=1',
  },
  {
    path: 'kernel/apparmor_restrict_unprivileged_userns',
    forbids: (value) => value === '1',
    reason: 'AppArmor restricts user namespaces (kernel.apparmor_restrict_unprivileged_userns is 1)',
    mend: 'sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0',
  },
];

/** Says why the sandbox could not be made. Pure. */
export function diagnose(facts: Facts): UnsupportedError {
  const said = facts.output.trim().replace(/\s*\n\s*/g, '; ');
  const because = said === '' ? '' : ` [${said}]`;
  if (facts.rootless) {
    for (const { path, forbids, reason, mend } of SETTINGS) {
      const value = facts.settings[path];
      if (value !== undefined && forbids(value)) return new UnsupportedError(`no sandbox: ${reason}${because}`, mend);
    }
  }
  if (/mount .*proc|mount \/proc|\/proc.*failed/i.test(said)) {
    return new UnsupportedError(
      `no sandbox: a fresh /proc may not be mounted here, because parts of this one are hidden (a container?)${because}`,
      'run the container with --security-opt systempaths=unconfined, or run outside of it',
    );
  }
  if (/no space left/i.test(said)) {
    return new UnsupportedError(
      `no sandbox: a limit on namespaces is reached${because}`,
      'sudo sysctl -w user.max_user_namespaces=15000 user.max_net_namespaces=15000 user.max_pid_namespaces=15000 user.max_mnt_namespaces=15000',
    );
  }
  if (/operation not permitted|permission denied/i.test(said)) {
    return new UnsupportedError(
      `no sandbox: the kernel refused to make namespaces, as the seccomp filter of a container does${because}`,
      'run the container with --security-opt seccomp=unconfined (or --privileged), or run outside of it',
    );
  }
  return new UnsupportedError(`no sandbox: unshare failed${because || ' without a word'}`);
}

/** Reads the settings that `diagnose` looks at. */
export function readSettings(): Record<string, string> {
  const settings: Record<string, string> = {};
  for (const { path } of SETTINGS) {
    try {
      settings[path] = readFileSync(`/proc/sys/${path}`, 'utf8').trim();
    } catch {
      // This kernel does not have it.
    }
  }
  return settings;
}
