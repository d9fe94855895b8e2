import { closeSync, mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { CLONE_NEWNET, MNT_DETACH, MS_BIND } from './constants.ts';
import { mount, setns, umount2, unshare } from './libc.ts';

/**
 * Named network namespaces, where iproute2 keeps them, so that `ip -n NAME` and `ip netns exec NAME` find them too.
 * Everything here works on the calling thread only and is synchronous: no other code can run while the thread is elsewhere.
 */

/** Where iproute2 looks for namespaces. */
export const NAMESPACE_FOLDER = '/run/netns';

/** A thread's own view: in a worker, /proc/self would be the main thread's. */
const OWN_NAMESPACE = '/proc/thread-self/ns/net';

export function namespacePath(name: string): string {
  return `${NAMESPACE_FOLDER}/${name}`;
}

/** @throws SystemCallError when the process may not. */
export function createNamespace(name: string): void {
  mkdirSync(NAMESPACE_FOLDER, { recursive: true });
  const path = namespacePath(name);
  writeFileSync(path, '', { flag: 'wx' });
  try {
    away(() => {
      unshare(CLONE_NEWNET);
      mount(OWN_NAMESPACE, path, 'none', MS_BIND);
    });
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  }
}

/**
 * Runs `action` with the calling thread inside the namespace: sockets it opens, files under /proc/sys/net that it touches and
 * processes that it starts belong there. `action` must not await anything: what comes after an await would run outside.
 */
export function inNamespace<T>(name: string, action: () => T): T {
  const target = openSync(namespacePath(name), 'r');
  try {
    return away(() => {
      setns(target, CLONE_NEWNET);
      return action();
    });
  } finally {
    closeSync(target);
  }
}

/** Moves the calling thread into the namespace for good: for a worker thread that lives there. */
export function enterNamespace(name: string): void {
  const target = openSync(namespacePath(name), 'r');
  try {
    setns(target, CLONE_NEWNET);
  } finally {
    closeSync(target);
  }
}

/** Takes the name away; the namespace itself goes when its last process, socket and interface user has gone. */
export function removeNamespace(name: string): void {
  umount2(namespacePath(name), MNT_DETACH);
  rmSync(namespacePath(name));
}

/** Runs `action`, which leaves the thread in another namespace, and comes back whatever happens. */
function away<T>(action: () => T): T {
  const home = openSync(OWN_NAMESPACE, 'r');
  try {
    return action();
  } finally {
    setns(home, CLONE_NEWNET);
    closeSync(home);
  }
}
