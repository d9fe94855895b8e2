export { type Acceleration, chooseAcceleration, whyClosed } from './acceleration.ts';
export { DEFAULT_CPUS, DEFAULT_MEMORY, DEFAULT_TIMEOUT } from './constants.ts';
export { initramfs } from './initramfs.ts';
export { findKernel, type Kernel } from './kernels.ts';
export { findParts, findQemu, findVirtiofsd, type Parts, type Virtiofsd } from './parts.ts';
export { runInVm, VmError, type VmRequest } from './run-in-vm.ts';
