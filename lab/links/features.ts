import { spawnSync } from 'node:child_process';
import { closeSync } from 'node:fs';
import {
  createNamespace,
  FrameSocket,
  inNamespace,
  openTun,
  removeNamespace,
  TUN_DEVICE,
} from '../../src/kernel/index.ts';
import type { Requirement } from '../plan/index.ts';
import { installCommand } from '../sandbox/packages.ts';
import { UnsupportedError } from '../sandbox/unsupported.ts';
import type { Host } from '../topology/index.ts';

/** What links can be made of, and gateways. */
export type Feature = 'tbf' | 'netem' | 'wire' | 'tun';

/** Whether this kernel gives it to this process, and if not, why, and what mends it. */
export type Availability = { available: true } | { available: false; reason: string; remedy: string };
export type Features = Record<Feature, Availability>;

const PROBE = 'castlab-probe';
const PROBE_INTERFACE = 'probe0';
const AVAILABLE: Availability = { available: true };

/** Finds out by trying, in a namespace that exists for this long only. Call it inside the sandbox. */
export function probeFeatures(): Features {
  createNamespace(PROBE);
  try {
    return inNamespace(PROBE, () => {
      spawnSync('ip', ['link', 'add', PROBE_INTERFACE, 'type', 'veth', 'peer', 'name', 'probe1']);
      return {
        tbf: probeQdisc('tbf', 'rate 1mbit burst 3000 limit 3000'),
        netem: probeQdisc('netem', 'delay 1ms'),
        wire: probeWire(),
        tun: probeTun(),
      };
    });
  } finally {
    removeNamespace(PROBE);
  }
}

function probeQdisc(kind: string, options: string): Availability {
  const args = ['qdisc', 'replace', 'dev', PROBE_INTERFACE, 'root', kind, ...options.split(' ')];
  const { status, stderr, error } = spawnSync('tc', args, { encoding: 'utf8' });
  if (status === 0) return AVAILABLE;
  if (error) {
    return { available: false, reason: 'the program "tc" was not found', remedy: installCommand(['iproute2']) };
  }
  return {
    available: false,
    reason: `this kernel has no sch_${kind} (tc: ${stderr.trim().split('\n')[0]})`,
    remedy: `sudo modprobe sch_${kind}; where there is no such module, ${installCommand(['modules'])} and boot it`,
  };
}

/** A wire is veth pairs, which every lab needs, and a packet socket. */
function probeWire(): Availability {
  try {
    closeSync(new FrameSocket().fd);
    return AVAILABLE;
  } catch (error) {
    const reason = `no packet sockets (${(error as Error).message})`;
    return { available: false, reason, remedy: 'sudo modprobe af_packet' };
  }
}

function probeTun(): Availability {
  try {
    closeSync(openTun('probe2', 'tap'));
    return AVAILABLE;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const remedies: Record<string, string> = {
      // Root of a user namespace is nobody to a device file of the real root.
      EACCES: `sudo chmod 666 ${TUN_DEVICE}`,
      ENOENT: `sudo modprobe tun (in a container: --device ${TUN_DEVICE})`,
    };
    return {
      available: false,
      reason: `no TUN or TAP interfaces (${message})`,
      remedy: remedies[code ?? ''] ?? `run as a user who may use ${TUN_DEVICE}`,
    };
  }
}

/**
 * Checks that hosts may have gateways.
 * @throws UnsupportedError (exit code 77) that names them and says why not
 */
export function assertGateways(
  hosts: readonly Pick<Host, 'name' | 'gateway'>[],
  probe = () => probeFeatures().tun,
): void {
  const names = hosts.filter(({ gateway }) => gateway !== undefined).map(({ name }) => name);
  if (names.length === 0) return;
  const tun = probe();
  if (!tun.available) throw new UnsupportedError(`no gateway on ${names.join(', ')}: ${tun.reason}`, tun.remedy);
}

/** Which backends can do what a link is declared to do. */
const CANDIDATES: Record<Requirement['needs'], readonly Feature[]> = {
  tbf: ['tbf'],
  netem: ['netem'],
  wire: ['wire'],
  'netem-or-wire': ['netem', 'wire'],
};

/**
 * Checks, before anything starts, that every link can be built as declared.
 * @throws UnsupportedError (exit code 77) that names each link, direction and property that cannot be had, and why.
 */
export function assertSupported(requirements: readonly Requirement[], features: Features = probeFeatures()): void {
  const lines: string[] = [];
  let remedy: string | undefined;
  for (const { link, direction, feature, needs } of requirements) {
    const found = CANDIDATES[needs].map((candidate) => features[candidate]);
    if (found.some(({ available }) => available)) continue;
    const refusals = found.filter((one) => !one.available);
    const why = refusals.map(({ reason }) => reason).join(', and ');
    remedy ??= refusals[0]!.remedy;
    lines.push(`  link ${link}, ${direction}: ${feature} needs ${needs.replaceAll('-', ' ')}: ${why}`);
  }
  if (lines.length > 0) {
    throw new UnsupportedError(['this machine cannot build the links as declared', ...lines].join('\n'), remedy);
  }
}
