import { InputError } from '../document/index.ts';
import { type NodeConfig, readConfig } from './config.ts';
import { EXIT_BAD_INPUT, EXIT_FAILURE } from './constants.ts';
import { type ControlHandler, ControlServer } from './control.ts';
import { metricsText } from './metrics.ts';
import type { MetricsServer } from './metrics-server.ts';
import { nodeOperations } from './operations.ts';
import { MRouter } from './overlay-node.ts';

/** What a program puts on top of the MRouter of its host. */
export interface Application {
  /** Control operations besides those that every node has. */
  operations?: Record<string, ControlHandler>;
  /** Called before the MRouter closes. */
  close?(): Promise<void> | void;
}

/** Why a node ended. */
type Ending = 'SIGTERM' | 'SIGINT' | 'quit';

/**
 * Runs one node until it is told to end: MRouter, application, control socket, then the event `ready`; then SIGTERM, SIGINT or the
 * operation `quit`, and everything is closed in reverse. SIGHUP reloads the cluster map.
 * @throws InputError when the configuration is bad, Error when something else fails
 */
export async function runNode(configFile: string, start: (mrouter: MRouter) => Promise<Application> | Application) {
  const config = readConfig(configFile);
  const mrouter = await MRouter.open(config);
  process.once('exit', () => mrouter.events.flushNow());
  let end: (why: Ending) => void = () => {};
  const ended = new Promise<Ending>((resolve) => {
    end = resolve;
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => end(signal));
  process.on('SIGHUP', () => reload(mrouter));

  let application: Application = {};
  let control: ControlServer | undefined;
  let metrics: MetricsServer | undefined;
  try {
    application = await start(mrouter);
    control = await openControl(config, {
      ...nodeOperations(mrouter),
      ...application.operations,
      quit: () => {
        // The answer leaves before the connection closes.
        setImmediate(() => end('quit'));
      },
    });
    metrics = await openMetrics(config, mrouter);
    const { address, status } = mrouter;
    mrouter.events.emit('ready', { address, underlay: status.underlay });
    mrouter.log.info({ address, underlay: status.underlay, mapDigest: status.mapDigest }, 'ready');
    mrouter.log.info({ why: await ended }, 'ending');
  } finally {
    await metrics?.close();
    await control?.close();
    await application.close?.();
    await mrouter.close();
  }
}

async function openControl(config: NodeConfig, handlers: Record<string, ControlHandler>): Promise<ControlServer> {
  try {
    return await ControlServer.open(config.values.control, handlers);
  } catch (error) {
    throw config.error(['control'], `cannot listen there: ${(error as Error).message}`);
  }
}

/** What daemons do on SIGHUP: who sent it hears of a bad map in the log only, and the old one stays. */
function reload(mrouter: MRouter): void {
  try {
    mrouter.reload();
  } catch (error) {
    mrouter.log.error({ error: (error as Error).message }, 'the cluster map is not reloaded');
  }
}

async function openMetrics(config: NodeConfig, mrouter: MRouter): Promise<MetricsServer | undefined> {
  const { metrics } = config.values;
  if (!metrics) return undefined;
  const [host, port] = metrics.listen.split(':');
  // Few nodes answer by HTTP: the others start faster without.
  const { MetricsServer } = await import('./metrics-server.ts');
  try {
    return await MetricsServer.open(host!, Number(port), () => metricsText(mrouter));
  } catch (error) {
    throw config.error(['metrics', 'listen'], `cannot listen there: ${(error as Error).message}`);
  }
}

/** Runs a program's main part; what it throws becomes one line for each problem on stderr, and the exit code: 2 for bad input, else 1. */
export async function runProgram(main: () => Promise<unknown>): Promise<void> {
  try {
    await main();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = error instanceof InputError ? EXIT_BAD_INPUT : EXIT_FAILURE;
  }
}
