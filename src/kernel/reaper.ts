import { P_ALL, WEXITED, WNOHANG, WNOWAIT } from './constants.ts';
import { waitid, waitpid } from './libc.ts';

/** Between two looks at one dead child, ms. */
const PAUSE = 20;

/** Bytes of a `siginfo_t`, and where `si_pid` stands in it (64-bit Linux). */
const SIGINFO = { size: 128, pid: 16 } as const;

/**
 * The part of an init's work that Node.js does not do. A process whose parent died becomes a child of PID 1, and stays a zombie until
 * PID 1 waits for it; Node.js waits only for children that it started itself, by number.
 *
 * After each SIGCHLD this looks (without collecting) at the first dead child that the kernel still holds. Node.js collects its own
 * when its event loop polls next, so one that was seen dead before a poll and is still there after it has no owner, and is
 * collected here. A child of Node.js is never taken from it.
 * @returns a function that stops it.
 */
export function reapOrphans(): () => void {
  const info = Buffer.alloc(SIGINFO.size);
  let timer: NodeJS.Timeout | undefined;
  let suspect = 0;

  const firstDead = (): number => {
    info.fill(0);
    try {
      waitid(P_ALL, 0, info, WEXITED | WNOHANG | WNOWAIT);
    } catch {
      return 0; // ECHILD: no children at all
    }
    return info.readInt32LE(SIGINFO.pid);
  };
  const look = (): void => {
    timer = undefined;
    let dead = firstDead();
    while (dead !== 0 && dead === suspect) {
      waitpid(dead, null, WNOHANG);
      dead = firstDead();
      suspect = 0;
    }
    suspect = dead;
    if (dead !== 0) schedule();
  };
  const schedule = (): void => {
    // An immediate runs after the poll phase: between two looks the loop has polled, however late the timer was.
    timer ??= setTimeout(() => setImmediate(look), PAUSE).unref();
  };

  process.on('SIGCHLD', schedule);
  schedule();
  return () => {
    process.off('SIGCHLD', schedule);
    clearTimeout(timer);
  };
}
