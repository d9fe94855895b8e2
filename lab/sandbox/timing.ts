/** Environment variable by which whoever starts castlab says what times measured here are worth. */
export const TIMING_VARIABLE = 'CASTLAB_TIMING';
/** Its value where processors are emulated: what was too late may have been the emulator's doing. */
export const UNRELIABLE = 'unreliable';

/** How many times as long a program may take to start there. */
export const EMULATED_SLOWDOWN = 10;

/** Whether a time that is too long may be held against what was measured. */
export function timingIsReliable(env: NodeJS.ProcessEnv = process.env): boolean {
  return env[TIMING_VARIABLE] !== UNRELIABLE;
}
