import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for the sockets and the script of one VM, for this user only. */
export interface Workspace {
  folder: string;
  remove(): Promise<void>;
}

/** Removes a folder as soon as its standard input ends. */
const JANITOR = 'cat >/dev/null; exec rm -rf -- "$1"';

/**
 * Makes a folder that goes when it is removed or this program ends, however it ends: a shell waits for that, and does it. It waits already when
 * the folder is made, so there is no moment at which the folder could stay.
 */
export async function openWorkspace(): Promise<Workspace> {
  const folder = join(tmpdir(), `castlab-vm-${randomUUID()}`);
  const janitor = spawn('sh', ['-c', JANITOR, 'sh', folder], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  await once(janitor, 'spawn');
  await mkdir(folder, { mode: 0o700 });
  return {
    folder,
    async remove() {
      const gone = once(janitor, 'close');
      janitor.stdin!.end();
      await gone;
    },
  };
}
