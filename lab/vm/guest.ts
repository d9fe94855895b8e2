import { PORTS, ROOT_TAG, SHARE_TAG } from './constants.ts';

/** What the guest's console says as soon as programs run in it. */
export const SIGN_OF_LIFE = 'castlab: the guest is up';
/** What goes over the control port: the guest's UP and EXIT with a code; signals to the guest; one a line. */
export const UP = 'up';
export const EXIT = 'exit';

/** A folder in memory, for what a command would write elsewhere. */
export const SCRATCH = '/run/vm/tmp';

/** A word that a shell takes as it is. Pure. */
export const quote = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

/**
 * The first program of a guest, in its initramfs. Mounts this machine's root file system, read-only, and goes on with `castlab_job`, the path of
 * a script there. With `castlab_layer` set there is a layer of memory above the root, so that everything can be written and nothing of
 * it lasts. With `castlab_probe` set, it only says that it lives. When PID 1 ends, here and later, the kernel panics, which with `panic=-1` and
 * `-no-reboot` ends the machine.
 */
export const initScript = `#!/bin/sh
set -e
export PATH=/bin
mount -n -t devtmpfs dev /dev
exec >/dev/console 2>&1
echo '${SIGN_OF_LIFE}'
[ -z "$castlab_probe" ] || exit 0
mount -n -t proc proc /proc
mount -n -t sysfs sys /sys
mount -n -t tmpfs -o mode=755 run /run
for module in /modules/*; do insmod "$module"; done
if [ -n "$castlab_layer" ]; then
  mount -n -t virtiofs -o ro ${ROOT_TAG} /lower
  mount -n -t tmpfs -o mode=755 scratch /scratch
  mkdir /scratch/upper /scratch/work
  mount -n -t overlay -o lowerdir=/lower,upperdir=/scratch/upper,workdir=/scratch/work overlay /new
else
  # Files of root belong to nobody there: set-user-id would make programs nobody, too.
  mount -n -t virtiofs -o ro,nosuid ${ROOT_TAG} /new
fi
exec switch_root /new /bin/sh "$castlab_job"
`;

/** What a guest is to do. */
export interface Job {
  command: readonly string[];
  folder: string;
  environment: Readonly<Record<string, string | undefined>>;
  /** The folder that the guest may write for good. */
  share: string | undefined;
  /** Columns and rows of the terminal that the command runs on; `undefined`: it has none. */
  terminal: { columns: number; rows: number } | undefined;
}

/** The script that the initramfs goes on with: the rest of the system, the command, its exit code. Pure. */
export function jobScript(job: Job): string {
  return `set -e
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
mkdir -p /dev/pts /dev/shm ${SCRATCH}
mount -t devpts -o ptmxmode=666 pts /dev/pts
mount -t tmpfs shm /dev/shm
ln -s /proc/self/fd /dev/fd
ln -s fd/0 /dev/stdin
ln -s fd/1 /dev/stdout
ln -s fd/2 /dev/stderr
echo castlab >/proc/sys/kernel/hostname
modprobe virtio_console
ip link set lo up
${job.share === undefined ? '' : `mkdir -p ${quote(job.share)}\nmount -t virtiofs ${SHARE_TAG} ${quote(job.share)}\n`}
port() {
  for entry in /sys/class/virtio-ports/*; do
    if [ "$(cat "$entry/name")" = "$1" ]; then echo "/dev/\${entry##*/}"; return; fi
  done
}

# Signals for the command; its process group is named after it.
exec 3<>"$(port ${PORTS.control})"
while read -r signal; do kill -s "$signal" -- "-$(cat /run/vm/command)" || true; done <&3 &
echo ${UP} >&3

set +e
${job.terminal === undefined ? onPorts(job) : onTerminal(job, job.terminal)}
sync
echo "${EXIT} $code" >&3
# The host ends the machine when it has read that.
while :; do sleep 60; done
`;
}

/** In a session of its own, so that a signal reaches all of it and nothing else. */
function session(job: Job, options: string): string {
  const environment = Object.entries(job.environment)
    .filter(([name, value]) => /^[A-Za-z_]\w*$/.test(name) && value !== undefined)
    .map(([name, value]) => quote(`${name}=${value}`));
  const command = ['exec', 'env', '-i', ...environment, ...job.command.map(quote)].join(' ');
  const script = `echo $$ >/run/vm/command; cd ${quote(job.folder)} && ${command}`;
  return `setsid ${options}sh -c ${quote(script)}`;
}

/** A port may be open only once; pipes before them let the command open its own output again. */
function onPorts(job: Job): string {
  return `mkfifo /run/vm/stdout /run/vm/stderr
cat </run/vm/stdout >"$(port ${PORTS.stdout})" 3>&- & stdout=$!
cat </run/vm/stderr >"$(port ${PORTS.stderr})" 3>&- & stderr=$!
${session(job, '')} </dev/null >/run/vm/stdout 2>/run/vm/stderr 3>&-
code=$?
wait $stdout $stderr`;
}

function onTerminal(job: Job, { columns, rows }: { columns: number; rows: number }): string {
  return `stty rows ${rows} columns ${columns} </dev/hvc0
${session(job, '--ctty --wait ')} </dev/hvc0 >/dev/hvc0 2>&1 3>&-
code=$?
# Returns when everything is written.
stty sane </dev/hvc0`;
}
