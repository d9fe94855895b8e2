import type { Command } from 'commander';
import { castlabProgram } from '../../lab/cli/program.ts';

/** Every command that people see, with the words that lead to it. */
export function commandsOf(command: Command, words: string[]): { command: Command; words: string[] }[] {
  const visible = command
    .createHelp()
    .visibleCommands(command)
    .filter((sub) => sub.name() !== 'help');
  return [{ command, words }, ...visible.flatMap((sub) => commandsOf(sub, [...words, sub.name()]))];
}

/** The words of a line as a shell makes them of it: as far as examples go. */
export const wordsOf = (line: string): string[] =>
  [...line.replace(/(^| )#.*$/, '').matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare!,
  );

/** What is wrong with a command line of castlab; `undefined` when it is taken. Nothing is done. */
export function mistakeIn(line: string): string | undefined {
  const [, ...words] = wordsOf(line);
  const program = castlabProgram();
  let taken = false;
  for (const { command } of commandsOf(program, [])) {
    command.exitOverride().configureOutput({ writeErr: () => {}, writeOut: () => {} });
    if (command.commands.length === 0) {
      command.action(() => {
        taken = true;
      });
    }
  }
  try {
    program.parse(words, { from: 'user' });
  } catch (error) {
    return (error as Error).message;
  }
  return taken ? undefined : 'no command';
}
