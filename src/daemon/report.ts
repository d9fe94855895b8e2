import { fstatSync } from 'node:fs';
import type { Logger } from 'pino';
import type { Origin } from '../mrouter/index.ts';
import { type DropReason, datagramId } from '../overlay/index.ts';
import { monotonicNow } from './clock.ts';
import type { NodeConfig } from './config.ts';
import { DROP_EVENT_INTERVAL, DROP_LOG_INTERVAL } from './constants.ts';
import { DropReport } from './drops.ts';
import { EventStream } from './events.ts';
import { openLog } from './log.ts';

/** What a node tells of itself: events to whoever started it, lines to people who read its log, drops to both, but not each one. */
export class NodeReport {
  readonly log: Logger;
  readonly events: EventStream;
  /** Whether each datagram sent and delivered is an event. */
  readonly tellsDatagrams: boolean;
  readonly #drops: readonly DropReport[];

  /** @throws InputError when the parent process has opened nothing for the events, or the log cannot be written */
  constructor(config: NodeConfig) {
    checkEvents(config);
    const { name, events } = config.values;
    this.log = openLog(config);
    this.events = new EventStream(name, events?.fd);
    this.tellsDatagrams = events?.datagrams === true;
    this.#drops = [
      new DropReport(DROP_LOG_INTERVAL, (reason, count) => this.log.warn({ reason, count }, 'datagrams dropped')),
      new DropReport(DROP_EVENT_INTERVAL, (reason, count) => this.events.emit('dropped', { reason, count })),
    ];
  }

  /** An event that people want to read about too. */
  tell(event: string, fields: Record<string, string>): void {
    this.events.emit(event, fields);
    this.log.info(fields, event);
  }

  sent(inner: Uint8Array, { to, group, bytes, attempt }: Origin): void {
    this.events.emit('sent', { id: datagramId(inner), to, ...(group && { group }), bytes, attempt });
  }

  /** @param from overlay address of the sender @param bytes of payload @param time ms */
  delivered(inner: Uint8Array, from: string, bytes: number, time: number): void {
    this.events.emit('delivered', { id: datagramId(inner), from, bytes }, time);
  }

  dropped(reason: DropReason): void {
    const now = monotonicNow();
    for (const report of this.#drops) report.add(reason, now);
  }

  /** Tells of the drops that have waited long enough. */
  flush(now: number): void {
    for (const report of this.#drops) report.flush(now);
  }

  /** Tells of all that has not been told. */
  async close(): Promise<void> {
    for (const report of this.#drops) report.flush(monotonicNow(), true);
    await this.events.close();
  }
}

function checkEvents(config: NodeConfig): void {
  const fd = config.values.events?.fd;
  if (fd === undefined) return;
  try {
    fstatSync(fd);
  } catch {
    throw config.error(['events', 'fd'], `file descriptor ${fd} is not open: whoever starts this node must pass it`);
  }
}
