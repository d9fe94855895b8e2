import type { Command } from 'commander';
import t from 'tap';
import { castlabProgram } from '../../lab/cli/program.ts';
import { commandsOf, mistakeIn } from '../support/command-line.ts';

/** What --help prints. */
function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
  });
  command.outputHelp();
  return text;
}

/** The lines of its examples. */
const examplesOf = (help: string) => (help.split(/^Examples?:/m)[1] ?? '').split('\n').map((line) => line.trim());

const all = commandsOf(castlabProgram(), ['castlab']);

t.test('every command has --help with an example', async (t) => {
  t.ok(all.length > 25, `${all.length} commands`);
  for (const { command, words } of all) {
    const name = words.join(' ');
    const help = helpOf(command);
    const own = new RegExp(`(^|&& )${name}( |$)`);
    t.ok(words.length === 1 || examplesOf(help).some((line) => own.test(line)), `${name}: an example of itself`);
    t.ok(command.description() !== '', `${name}: says what it is for`);
    for (const argument of command.registeredArguments) {
      t.ok(argument.description !== '' || words[1] === 'vm', `${name}: what <${argument.name()}> is`);
    }
    for (const option of command.options) t.ok(option.description !== '', `${name}: what ${option.flags} is`);
  }
});

t.test('an example is one that the command takes', async (t) => {
  for (const { command, words } of all) {
    if (command.commands.length > 0) continue;
    const line = examplesOf(helpOf(command)).find((candidate) => candidate.includes(words.join(' '))) ?? '';
    // The part that is castlab's.
    const part = line.split(/ && | \| | >/).find((text) => text.startsWith(words.join(' '))) ?? line;
    t.equal(mistakeIn(part), undefined, part);
  }
});
