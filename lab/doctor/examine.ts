import { type Availability, assertSupported } from '../links/features.ts';
import { installCommand } from '../sandbox/packages.ts';
import { notFound, PROGRAMS } from '../sandbox/programs.ts';
import { UnsupportedError } from '../sandbox/unsupported.ts';
import type { Facts, Shipped } from './facts.ts';

/** One requirement. */
export interface Check {
  name: string;
  state: 'found' | 'missing' | 'unknown';
  /** What needs it. */
  neededFor: string;
  /** Whether no topology runs without it. */
  required: boolean;
  /** Why it counts as missing, in the words with which a run refuses. */
  reason?: string;
  /** The command that mends it, in this distribution. */
  remedy?: string;
}

export interface Diagnosis {
  machine: string;
  checks: Check[];
  /** Whether each topology that comes with castlab can run here; if not, why. */
  topologies: { file: string; runs: boolean; reason?: string }[];
  /** Whether all of them can. */
  healthy: boolean;
}

/** As package.json has it. */
const OLDEST_NODE = [20, 19] as const;

/** Draws the conclusions. Pure. */
export function examine(facts: Facts, shipped: readonly Shipped[]): Diagnosis {
  const { distribution, inside, vm } = facts;
  const checks = [
    node(facts),
    program('iproute2', 'everything: builds the network', true, facts),
    program('util-linux', 'everything: makes the sandbox', true, facts),
    of('namespaces', facts.sandbox, 'everything: the sandbox that a lab is built in', true),
    of('veth', inside?.fabric.veth, 'everything: the links', true),
    of('bridge', inside?.fabric.bridge, 'everything: the switch of a zone', true),
    of('tbf', inside?.links.tbf, 'links with a rate', true),
    of(
      'netem',
      inside?.links.netem,
      'links with delay, jitter or loss made by the kernel; otherwise wires do it',
      false,
    ),
    of('packet sockets', inside?.links.wire, 'every run: the capture; and wires, links made in user space', true),
    of('TUN', inside?.links.tun, 'gateways', false),
    of('bridge snooping', inside?.fabric.snooping, 'zones with native multicast', false),
    of('qemu', vm.qemu, 'castlab vm', false),
    of('virtiofsd', vm.virtiofsd, 'castlab vm', false),
    of('stock kernel', vm.kernel, 'castlab vm', false),
    of('/dev/kvm', vm.kvm, 'timing in castlab vm: without it the VM is emulated, and slow', false),
    program('tcpdump', 'reading the captures of a run; Wireshark reads them, too', false, facts),
  ];
  const broken = checks.find(({ required, state }) => required && state !== 'found');
  const topologies = shipped.map(({ file, requirements }) => {
    const reason = broken?.reason ?? (inside && refusal(() => assertSupported(requirements, inside.links)));
    return reason === undefined ? { file, runs: true } : { file, runs: false, reason };
  });
  return {
    machine: `${distribution.name}, Linux ${facts.kernel}, Node.js ${facts.node}`,
    checks,
    topologies,
    healthy: broken === undefined && topologies.every(({ runs }) => runs),
  };
}

function node({ node }: Facts): Check {
  const [major = 0, minor = 0] = node.replace('v', '').split('.').map(Number);
  const [wantedMajor, wantedMinor] = OLDEST_NODE;
  const enough = major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
  const wanted = `${wantedMajor}.${wantedMinor}`;
  const fault = {
    available: false,
    reason: `this is Node.js ${node}`,
    remedy: `install Node.js ${wanted} or newer`,
  } as const;
  return of(`Node.js ${wanted}`, enough ? { available: true } : fault, 'everything', true);
}

function program(name: keyof typeof PROGRAMS, neededFor: string, required: boolean, facts: Facts): Check {
  const absent = PROGRAMS[name].filter((program) => facts.missing.includes(program));
  if (absent.length === 0) return of(name, { available: true }, neededFor, required);
  const remedy = installCommand([name], facts.distribution);
  return of(name, { available: false, reason: notFound(absent), remedy }, neededFor, required);
}

function of(name: string, availability: Availability | undefined, neededFor: string, required: boolean): Check {
  const check = { name, neededFor, required };
  if (availability === undefined) {
    return { ...check, state: 'unknown', reason: 'without a sandbox there is no place to try it' };
  }
  if (availability.available) return { ...check, state: 'found' };
  const { reason, remedy } = availability;
  return { ...check, state: 'missing', reason, ...(remedy !== '' && { remedy }) };
}

function refusal(check: () => void): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof UnsupportedError) return error.message;
    throw error;
  }
}
