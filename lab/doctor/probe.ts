import { release } from 'node:os';
import { probeFabric } from '../links/fabric.ts';
import { type Availability, probeFeatures } from '../links/features.ts';
import { thisDistribution } from '../sandbox/packages.ts';
import { findProgram, PROGRAMS } from '../sandbox/programs.ts';
import { UnsupportedError } from '../sandbox/unsupported.ts';
import { findKernel, findQemu, findVirtiofsd, whyClosed } from '../vm/index.ts';
import type { Facts } from './facts.ts';

/**
 * Finds out about this machine, inside the sandbox when there is one.
 * @param refusal why there is no sandbox.
 */
export async function probe(refusal?: UnsupportedError): Promise<Facts> {
  const closed = whyClosed();
  return {
    node: process.version,
    kernel: release(),
    distribution: thisDistribution(),
    missing: Object.values(PROGRAMS)
      .flat()
      .filter((program) => findProgram(program) === undefined),
    sandbox: refusal === undefined ? { available: true } : unavailable(refusal),
    inside: refusal === undefined ? { fabric: probeFabric(), links: probeFeatures() } : undefined,
    vm: {
      qemu: await availability(findQemu),
      virtiofsd: await availability(findVirtiofsd),
      kernel: await availability(findKernel),
      kvm:
        closed === undefined
          ? { available: true }
          : { available: false, reason: closed, remedy: 'sudo usermod -aG kvm $USER, where the device is there' },
    },
  };
}

async function availability(find: () => unknown): Promise<Availability> {
  try {
    await find();
    return { available: true };
  } catch (error) {
    if (error instanceof UnsupportedError) return unavailable(error);
    throw error;
  }
}

/** A refusal in its two parts, in the same words. */
function unavailable({ message, remedy = '' }: UnsupportedError): Availability {
  return { available: false, reason: message.split('\n  to mend it:')[0]!, remedy };
}
