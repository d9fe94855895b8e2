import type { Fabric } from '../links/fabric.ts';
import type { Availability, Features } from '../links/features.ts';
import type { Requirement } from '../plan/index.ts';
import type { Distribution } from '../sandbox/packages.ts';

/** A topology that comes with castlab. */
export interface Shipped {
  file: string;
  requirements: readonly Requirement[];
}

/** What was found out about this machine; what follows from it is decided by `examine`. */
export interface Facts {
  node: string;
  kernel: string;
  distribution: Distribution;
  /** Programs of PROGRAMS that were not found. */
  missing: readonly string[];
  sandbox: Availability;
  /** What the kernel gives inside the sandbox; `undefined`: there is no sandbox to try it in. */
  inside: { fabric: Fabric; links: Features } | undefined;
  vm: Record<'qemu' | 'virtiofsd' | 'kernel' | 'kvm', Availability>;
}
