import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { searchPath } from '../sandbox/programs.ts';
import {
  chooseAcceleration,
  DEFAULT_CPUS,
  DEFAULT_MEMORY,
  DEFAULT_TIMEOUT,
  findParts,
  initramfs,
  runInVm,
  VmError,
} from '../vm/index.ts';
import { wholeNumber } from './numbers.ts';

interface Options {
  memory: number;
  cpus: number;
  timeout: number;
}

/**
 * `castlab vm`: the same commands under a stock kernel. Comes after `run`, whose options `vm run` takes as its own.
 */
export function register(program: Command): void {
  const vm = program
    .command('vm')
    .description(
      'the same in a virtual machine: an installed stock kernel, this machine’s files, read-only, real netem',
    )
    .addHelpText('after', '\nExample:\n  castlab vm run topologies/ring.yaml');
  registerRun(program, vm);
  registerShell(vm);
  registerExec(vm);
  registerBuild(vm);
}

function withMachine(command: Command): Command {
  return command
    .option('--memory <mebibytes>', 'memory of the VM', wholeNumber(256), DEFAULT_MEMORY)
    .option('--cpus <n>', 'processors of the VM', wholeNumber(1), Math.min(DEFAULT_CPUS, availableParallelism()));
}

function registerRun(program: Command, vm: Command): void {
  const run = program.commands.find((command) => command.name() === 'run')!;
  const command = withMachine(vm.command('run'))
    .description('run topologies in the VM: output and exit code are those of castlab run there, run folders stay here')
    .argument('<file-or-folder...>', 'topology files, or folders of them')
    .option('--timeout <seconds>', 'how long it may take', wholeNumber(1), DEFAULT_TIMEOUT)
    .addHelpText(
      'after',
      `
Without a usable KVM the VM is emulated, and latency verdicts are inconclusive.
Exit code: that of castlab run; 1 when the VM breaks, 77 when this machine lacks what a VM needs.

Example:
  castlab vm run topologies/ring.yaml --reporter spec`,
    );
  // As they were given, for the command inside.
  const passed: string[] = [];
  for (const option of run.options) {
    command.addOption(option);
    command.on(`option:${option.name()}`, (value: string | null) => {
      passed.push(option.long!, ...(value === null ? [] : [value]));
    });
  }
  command.action(async (files: string[], options: Options & { out: string }) => {
    const share = resolve(options.out);
    await mkdir(share, { recursive: true });
    await start(castlab(['run', ...files, ...passed]), options, { share });
  });
}

function registerShell(vm: Command): void {
  withMachine(vm.command('shell'))
    .description('a shell in the VM, on this terminal; what it writes is gone when it ends')
    .addHelpText('after', '\nCtrl-] ends it in any case.\n\nExample:\n  castlab vm shell')
    .action(async (options: Options) => {
      await start([process.env['SHELL'] ?? '/bin/sh'], options, { terminal: true });
    });
}

function registerExec(vm: Command): void {
  withMachine(vm.command('exec', { hidden: true }))
    .description('run any command in the VM')
    .argument('<command...>')
    .option('--timeout <seconds>', 'how long it may take', wholeNumber(1), DEFAULT_TIMEOUT)
    .addOption(new Option('--share <dir>', 'a folder that it may write for good'))
    .addHelpText('after', '\nExample:\n  castlab vm exec -- uname -r')
    .action(async (command: string[], options: Options & { share?: string }) => {
      await start(command, options, options.share === undefined ? {} : { share: resolve(options.share) });
    });
}

function registerBuild(vm: Command): void {
  vm.command('build')
    .description('make now what the first start of the VM would make: its initramfs, and the answer whether KVM works')
    .addHelpText('after', '\nExample:\n  castlab vm build')
    .action(async () => {
      const parts = await findParts();
      const { file, built } = await initramfs(parts.kernel);
      const { accelerator, reason } = await chooseAcceleration(parts, file);
      const lines = {
        kernel: parts.kernel.image,
        initramfs: `${file} (${built ? 'built' : 'in the cache'})`,
        qemu: parts.qemu,
        virtiofsd: parts.virtiofsd.program,
        processors: reason === undefined ? accelerator : `${accelerator}: ${reason}`,
      };
      for (const [name, value] of Object.entries(lines)) process.stdout.write(`${name.padEnd(11)}${value}\n`);
    });
}

/** This program's own command line with other arguments. */
const castlab = (args: readonly string[]) => [process.execPath, ...process.execArgv, process.argv[1]!, ...args];

async function start(
  command: readonly string[],
  { memory, cpus, timeout }: Options,
  more: { share?: string; terminal?: boolean },
): Promise<void> {
  const environment = { ...process.env, PATH: searchPath().join(':') };
  try {
    process.exitCode = await runInVm({
      ...{ command, memory, cpus, timeout, folder: process.cwd(), environment },
      ...{ terminal: false, ...more },
    });
  } catch (error) {
    if (!(error instanceof VmError)) throw error;
    process.stderr.write(`castlab: ${error.message}\n`);
    process.exitCode = 1;
  }
}
