import { readFileSync } from 'node:fs';
import { inNamespace } from '../../src/kernel/index.ts';
import type { Plan } from '../plan/index.ts';
import { ask } from './kernel-counters.ts';

/** What one namespace lost for want of room. */
export interface Losses {
  /** Frames by interface: that its queue, or the device itself, did not take; and that arrived and were not taken in. */
  sent: Record<string, number>;
  received: Record<string, number>;
  /** Datagrams that their sockets had no room for. */
  sockets: number;
}

/**
 * Frames that were dropped for want of room, by link direction (`a>b`), since the network stands: in queues, in devices, and in the sockets of
 * the host at its end. By the counters of the kernel, not by anything of the lab's own.
 * @throws Error when tc or ip do not answer
 */
export function readQueueDrops({ namespaces, links }: Plan): Record<string, number> {
  const losses = new Map(namespaces.map(({ name }) => [name, readLosses(name)]));
  const drops: Record<string, number> = {};
  for (const { a, b, kind } of links) {
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const sockets = kind === 'edge' && to === a ? losses.get(to.node)!.sockets : 0;
      const sent = losses.get(from.node)!.sent[from.interface] ?? 0;
      drops[`${from.node}>${to.node}`] = sent + (losses.get(to.node)!.received[to.interface] ?? 0) + sockets;
    }
  }
  return drops;
}

function readLosses(namespace: string): Losses {
  return inNamespace(namespace, () =>
    lossesOf(
      ask('tc', ['-j', '-s', 'qdisc', 'show']),
      ask('ip', ['-j', '-s', 'link', 'show']),
      readFileSync('/proc/thread-self/net/snmp', 'utf8'),
    ),
  );
}

interface Queue {
  dev?: string;
  drops?: number;
}
interface Interface {
  ifname: string;
  stats64?: { rx?: { dropped?: number }; tx?: { dropped?: number } };
}

/**
 * What the kernel's own words come to. Pure.
 * @param queues `tc -j -s qdisc show`; @param interfaces `ip -j -s link show`; @param snmp /proc/net/snmp
 */
export function lossesOf(queues: string, interfaces: string, snmp: string): Losses {
  const sent: Record<string, number> = {};
  const received: Record<string, number> = {};
  // A queue of a queue counts what is dropped below it too, so that the sum would count it twice.
  for (const { dev, drops = 0 } of JSON.parse(queues) as Queue[]) {
    if (dev !== undefined) sent[dev] = Math.max(sent[dev] ?? 0, drops);
  }
  for (const { ifname, stats64 } of JSON.parse(interfaces) as Interface[]) {
    sent[ifname] = (sent[ifname] ?? 0) + (stats64?.tx?.dropped ?? 0);
    received[ifname] = stats64?.rx?.dropped ?? 0;
  }
  const [names = [], values = []] = snmp
    .split('\n')
    .filter((line) => line.startsWith('Udp:'))
    .map((line) => line.split(' '));
  return { sent, received, sockets: Number(values[names.indexOf('RcvbufErrors')] ?? 0) };
}
