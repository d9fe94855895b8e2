import { Argument, type Command } from 'commander';
import { completionScript, type Verb } from './completion-script.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** `castlab completion`: verbs, labs, nodes and links for the Tab key. Comes after all verbs. */
export function register(program: Command): void {
  program
    .command('completion')
    .description('print what makes the Tab key complete verbs, labs, nodes and links')
    .addArgument(new Argument('<shell>', 'your shell').choices(SHELLS))
    .addHelpText('after', '\nExample:\n  castlab completion bash >~/.local/share/bash-completion/completions/castlab')
    .action((shell: Shell) => {
      process.stdout.write(completionScript(shell, verbsOf(program)));
    });
}

/** What stands where on the command line of each verb, by the names of its arguments. */
function verbsOf(program: Command): Verb[] {
  return program
    .createHelp()
    .visibleCommands(program)
    .map((command) => ({
      name: command.name(),
      description: command.description(),
      words: command.registeredArguments.map((argument) => argument.name()),
      options: command.options.flatMap(({ long }) => long ?? []),
    }));
}
