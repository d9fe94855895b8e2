/** ms. How long a virtiofsd may take until it listens. */
export const VIRTIOFSD_LIMIT = 10_000;
/** ms. How long a guest may take until the command starts in it; 4 s here under TCG, more on a busy machine. */
export const BOOT_LIMIT = 120_000;
/** ms. How long a guest may take under KVM to its first line; a second where KVM works. */
export const KVM_PROBE_LIMIT = 10_000;
/** ms. How long a command may go on after it was asked to stop. */
export const GRACE = 10_000;
/** ms. How long a program may take to end after it was asked to. */
export const END_LIMIT = 2_000;
/** Characters of the guest's console that are kept, for when it has to be explained why it did not boot. */
export const CONSOLE_KEPT = 16_384;
/** Lines of the console in such an explanation. */
export const CONSOLE_SHOWN = 15;

/** s. How long a command may run in the VM unless `--timeout` says otherwise. */
export const DEFAULT_TIMEOUT = 1_800;
/** MiB of memory of the guest unless `--memory` says otherwise; taken from the host only as it is used. */
export const DEFAULT_MEMORY = 2_048;
/** Processors of the guest, at most, unless `--cpus` says otherwise: a lab's links gain little from more. */
export const DEFAULT_CPUS = 4;

/** virtiofs tags: how the guest calls what it mounts. */
export const ROOT_TAG = 'castlab-root';
export const SHARE_TAG = 'castlab-share';
/** virtio-serial ports: how the guest calls its lines to the host. */
export const PORTS = { control: 'castlab.control', stdout: 'castlab.stdout', stderr: 'castlab.stderr' } as const;
export type PortName = keyof typeof PORTS;
