import type { Shell } from './completion.ts';

/** A verb as completion sees it. */
export interface Verb {
  name: string;
  description: string;
  /** Names of its arguments: `lab`, `node` and `link` are completed from the labs that are up, all others as files. */
  words: readonly string[];
  options: readonly string[];
}

/** Names in the state folder: no program has to start to complete them. */
const FILES: Record<string, string> = { node: 'node-names', link: 'link-names' };

/** The completion script of a shell. Pure. */
export function completionScript(shell: Shell, verbs: readonly Verb[]): string {
  if (shell === 'fish') return fish(verbs);
  const prelude =
    shell === 'zsh' ? 'autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n' : '';
  return `${prelude}${bash(verbs)}`;
}

/** Where the labs are: as in lab/live/state.ts. */
const ROOT = `\${XDG_RUNTIME_DIR:+$XDG_RUNTIME_DIR/castlab}`;
const FALLBACK = `\${TMPDIR:-/tmp}/castlab-$(id -u)`;

function bash(verbs: readonly Verb[]): string {
  const cases = verbs.map(
    ({ name, words, options }) => `    ${name}) words=(${words.join(' ')}) options="${options.join(' ')}" ;;`,
  );
  return `# Completion of castlab for bash; zsh reads it through bashcompinit.
_castlab() {
  local current=\${COMP_WORDS[COMP_CWORD]} verb=\${COMP_WORDS[1]} labs=${ROOT} words=() options="" kind place
  [ -n "$labs" ] || labs=${FALLBACK}
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${verbs.map(({ name }) => name).join(' ')}" -- "$current"))
    return
  fi
  case $verb in
${cases.join('\n')}
    *) return ;;
  esac
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$current"))
    return
  fi
  place=$((COMP_CWORD - 2))
  # The last argument of a verb may come several times.
  [ "$place" -lt "\${#words[@]}" ] || place=$((\${#words[@]} - 1))
  [ "$place" -ge 0 ] && kind=\${words[@]:$place:1}
  case $kind in
    lab) COMPREPLY=($(compgen -W "$(ls "$labs" 2>/dev/null)" -- "$current")) ;;
${Object.entries(FILES)
  .map(
    ([kind, file]) =>
      `    ${kind}) COMPREPLY=($(compgen -W "$(cat "$labs/\${COMP_WORDS[2]}/${file}" 2>/dev/null)" -- "$current")) ;;`,
  )
  .join('\n')}
    *) COMPREPLY=($(compgen -f -- "$current")) ;;
  esac
}
complete -o filenames -o nosort -F _castlab castlab 2>/dev/null || complete -F _castlab castlab
`;
}

function fish(verbs: readonly Verb[]): string {
  const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const taking = (word: string) => verbs.filter(({ words }) => words.includes(word)).map(({ name }) => name);
  return `# Completion of castlab for fish.
function __castlab_labs
  if set -q XDG_RUNTIME_DIR; and test -n "$XDG_RUNTIME_DIR"
    echo $XDG_RUNTIME_DIR/castlab
  else if set -q TMPDIR
    echo $TMPDIR/castlab-(id -u)
  else
    echo /tmp/castlab-(id -u)
  end
end
function __castlab_names
  set -l words (commandline -opc)
  test (count $words) -ge 3; and cat (__castlab_labs)/$words[3]/$argv[1] 2>/dev/null
end
${verbs.map(({ name, description }) => `complete -c castlab -n __fish_use_subcommand -f -a ${name} -d ${quoted(description)}`).join('\n')}
complete -c castlab -n '__fish_seen_subcommand_from ${taking('lab').join(' ')}; and test (count (commandline -opc)) -eq 2' -f -a '(ls (__castlab_labs) 2>/dev/null)'
${Object.entries(FILES)
  .map(
    ([kind, file]) =>
      `complete -c castlab -n '__fish_seen_subcommand_from ${taking(kind).join(' ')}; and test (count (commandline -opc)) -ge 3' -f -a '(__castlab_names ${file})'`,
  )
  .join('\n')}
`;
}
