import { join } from 'node:path';
import { NAMESPACE_FOLDER } from '../../src/kernel/index.ts';
import { type KnownLab, LAB_FILES, type LabRecord } from './state.ts';

/**
 * How `castlab exec` and `castlab shell` get into a lab: functions for sh that bin/castlab reads and calls with its own arguments. A shell and
 * `nsenter` take 3 ms where Node.js would take 50. It returns when it cannot do what is asked; castlab itself then says why.
 * @param rootless whether the lab has a user namespace of its own
 */
export function enterScript({ name, life }: Pick<LabRecord, 'name' | 'life'>, rootless: boolean): string {
  const root = `/proc/${life.pid}/root`;
  const spaces = `${rootless ? '--user --preserve-credentials ' : ''}--mount --pid`;
  return `# How castlab exec and castlab shell get into the lab ${name}.

# Whether PID 1 of the lab still is the process that it was.
castlab_lives() {
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
  start=$2
  set -- \${stat##*) }
  [ "\${20-}" = "$start" ]
}

# castlab_enter VERB LAB NODE [--] [COMMAND...]
castlab_enter() {
  [ $# -ge 3 ] || return 0
  verb=$1 node=$3
  shift 3
  case $node in '' | -* | */* | .*) return 0 ;; esac
  if [ "\${1-}" = -- ]; then shift; else case \${1-} in -*) return 0 ;; esac; fi
  if [ "$verb" = shell ]; then
    [ $# -eq 0 ] || return 0
    set -- "\${SHELL:-/bin/sh}"
  fi
  [ $# -gt 0 ] || return 0
  castlab_lives ${life.pid} ${life.start} || return 0
  [ -e "${root}${NAMESPACE_FOLDER}/$node" ] || return 0
  CASTLAB_LAB=${name} CASTLAB_NODE=$node
  export CASTLAB_LAB CASTLAB_NODE
  # Into the mount namespace one comes at its root: back to where the caller stands, if the lab sees that.
  exec nsenter --target ${life.pid} ${spaces} --net="${root}${NAMESPACE_FOLDER}/$node" -- \\
    sh -c 'cd "$0" 2>/dev/null; exec "$@"' "$PWD" "$@"
}
`;
}

/** A command that does the same from Node.js. @param args as of `castlab exec`, the verb included */
export function enterCommand({ folder }: KnownLab, args: readonly string[]): [program: string, ...args: string[]] {
  const script = 'script=$1; shift; . "$script"; castlab_enter "$@"; echo "castlab: the lab has ended" >&2; exit 1';
  return ['sh', '-c', script, 'sh', join(folder, LAB_FILES.enter), ...args];
}
