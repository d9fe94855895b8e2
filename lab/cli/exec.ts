import { type ChildProcess, spawn } from 'node:child_process';
import type { Command } from 'commander';
import { InputError, suggestion } from '../../src/document/index.ts';
import { enterCommand, type KnownLab, labNamed } from '../live/index.ts';

/** `castlab exec` and `castlab shell`, as far as bin/castlab has not done it already. */
export function register(program: Command): void {
  program
    .command('exec')
    .description('run a command on a host, switch or router of a lab')
    .argument('<lab>', 'name of the lab')
    .argument('<node>', 'host, switch or router')
    .argument('<command...>', 'program and arguments, after --')
    .passThroughOptions()
    .addHelpText(
      'after',
      '\nIts exit code is that of the command.\n\nExample:\n  castlab exec ring t1 -- ping -c 1 10.2.0.11',
    )
    .action((lab: string, node: string, command: string[]) => enter(['exec', lab, node, '--', ...command]));
  program
    .command('shell')
    .description('a shell on a host, switch or router of a lab')
    .argument('<lab>', 'name of the lab')
    .argument('<node>', 'host, switch or router')
    .addHelpText('after', '\nExample:\n  castlab shell ring t1')
    .action((lab: string, node: string) => enter(['shell', lab, node]));
}

async function enter(args: [verb: string, lab: string, node: string, ...rest: string[]]): Promise<void> {
  const [verb, name, node] = args;
  const lab = labNamed(name);
  if (!lab.record.nodes.includes(node)) {
    const hint = suggestion(node, lab.record.nodes);
    throw new InputError(`castlab ${verb}: unknown host, switch or router "${node}"${hint}`);
  }
  // Ctrl-C is for the command alone.
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) process.on(signal, () => {});
  process.exitCode = await exitCodeOf(enterLab(lab, args, 'inherit'));
}

/** Starts a command in a lab the way bin/castlab does. @param args as of `castlab exec`, the verb included */
export function enterLab(
  lab: KnownLab,
  args: readonly string[],
  stdin: 'inherit' | 'pipe',
  stdout: 'inherit' | number = 'inherit',
): ChildProcess {
  const [program, ...rest] = enterCommand(lab, args);
  return spawn(program, rest, { stdio: [stdin, stdout, 'inherit'] });
}

/** How a command ended, as shells say it. */
export function exitCodeOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) =>
      resolve(code ?? (signal === 'SIGINT' ? 130 : signal === 'SIGTERM' ? 143 : 137)),
    );
  });
}
