import { PORTS, type PortName, type ROOT_TAG, type SHARE_TAG } from './constants.ts';
import type { Kernel } from './kernels.ts';
import { FIRST_SOCKET } from './tied.ts';

/** How the guest's processors are made: by this machine's, or by a program. */
export type Accelerator = 'kvm' | 'tcg';

export interface Machine {
  qemu: string;
  kernel: Kernel;
  initramfs: string;
  accelerator: Accelerator;
  /** MiB. */
  memory: number;
  cpus: number;
  /** Parameters of the kernel; those it does not know are in the environment of its init. */
  parameters: Readonly<Record<string, string>>;
  /** Sockets of the virtiofsd behind each tag. */
  shares: Partial<Record<typeof ROOT_TAG | typeof SHARE_TAG, string>>;
  /** Whether the guest has a terminal, too. */
  terminal: boolean;
}

/** The sockets that QEMU gets, in their order from descriptor FIRST_SOCKET; `terminal` is there when the machine has one. */
export const SOCKETS = ['console', 'control', 'stdout', 'stderr', 'terminal'] as const;

/** How to start a machine. Its memory is shared with the virtiofsd's, as vhost-user needs it. Pure. */
export function qemuCommand(machine: Machine): string[] {
  const { qemu, kernel, initramfs, accelerator, memory, cpus, parameters, shares, terminal } = machine;
  const socket = (name: (typeof SOCKETS)[number]) => [
    '-chardev',
    `socket,id=${name},fd=${FIRST_SOCKET + SOCKETS.indexOf(name)}`,
  ];
  const port = (name: PortName) => [...socket(name), '-device', `virtserialport,chardev=${name},name=${PORTS[name]}`];
  const share = ([tag, path]: [string, string]) => [
    ...['-chardev', `socket,id=${tag},path=${option(path)}`],
    ...['-device', `vhost-user-fs-pci,chardev=${tag},tag=${tag}`],
  ];
  const append = Object.entries({ console: 'ttyS0', panic: '-1', ...parameters }).map(
    ([name, value]) => `${name}="${value}"`,
  );
  return [
    ...[qemu, '-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ...(accelerator === 'kvm' ? ['-accel', 'kvm', '-cpu', 'host'] : ['-accel', 'tcg,thread=multi', '-cpu', 'max']),
    ...['-smp', String(cpus), '-m', `${memory}M`],
    ...['-object', `memory-backend-memfd,id=memory,size=${memory}M,share=on`, '-machine', 'q35,memory-backend=memory'],
    ...['-kernel', kernel.image, '-initrd', initramfs, '-append', `quiet ${append.join(' ')}`],
    ...[...socket('console'), '-serial', 'chardev:console'],
    ...['-device', 'virtio-serial-pci', ...port('control'), ...port('stdout'), ...port('stderr')],
    ...(terminal ? [...socket('terminal'), '-device', 'virtconsole,chardev=terminal'] : []),
    ...Object.entries(shares).flatMap(share),
  ];
}

/** A comma begins the next option of QEMU's; two are one. */
const option = (value: string) => value.replaceAll(',', ',,');
