import { Command } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import * as capture from './capture.ts';
import * as completion from './completion.ts';
import * as diff from './diff.ts';
import * as doctor from './doctor.ts';
import * as down from './down.ts';
import * as exec from './exec.ts';
import * as expect from './expect.ts';
import * as impair from './impair.ts';
import * as linkState from './link-state.ts';
import * as logs from './logs.ts';
import * as ls from './ls.ts';
import * as nodeState from './node-state.ts';
import * as plan from './plan.ts';
import * as put from './put.ts';
import * as replay from './replay.ts';
import * as report from './report.ts';
import * as run from './run.ts';
import * as runInside from './run-inside.ts';
import * as runs from './runs.ts';
import * as schema from './schema.ts';
import * as show from './show.ts';
import * as status from './status.ts';
import * as step from './step.ts';
import * as up from './up.ts';
import * as upInside from './up-inside.ts';
import * as validate from './validate.ts';
import * as vm from './vm.ts';

/** What is done with topology files and what runs left; what is done in labs that are up; what is about this machine. */
const verbs = [
  ...[run, replay, report, diff, runs, validate, plan, show, schema],
  ...[up, ls, status, exec, put, impair, linkState, nodeState, step, logs, capture, expect, down],
  ...[doctor, vm, runInside, upInside],
];

/** The command line of castlab: a file of this folder registers each verb. */
export function castlabProgram(): Command {
  const program = new Command('castlab')
    .description(
      'Builds declared networks out of Linux network namespaces, runs real overlay nodes in them, and judges.',
    )
    .version(packageJson.version)
    .enablePositionalOptions()
    .showHelpAfterError('(castlab --help lists the commands)')
    .showSuggestionAfterError()
    .addHelpText('after', '\nExample:\n  castlab run topologies/ring.yaml --reporter spec')
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'castlab: ')) });
  for (const verb of verbs) verb.register(program);
  // Last: it knows all others.
  completion.register(program);
  return program;
}
