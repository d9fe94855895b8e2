import { type Logger, pino } from 'pino';
import type { NodeConfig } from './config.ts';

/** stderr */
const STDERR = 2;

/**
 * The log of one node: JSON lines to a file, or to stderr. Written synchronously: it is rare, and the last line before a crash counts.
 * @throws InputError when the file cannot be written
 */
export function openLog(config: NodeConfig): Logger {
  const { log, name } = config.values;
  const file = log?.file;
  try {
    const destination = pino.destination({ dest: file ?? STDERR, sync: true, mkdir: true });
    return pino({ level: log?.level ?? 'info', base: { node: name } }, destination);
  } catch (error) {
    throw config.error(['log', 'file'], `cannot write the log: ${(error as Error).message}`);
  }
}
