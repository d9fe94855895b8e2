/** What the capture's thread is asked to do, in the one number that it shares with the main thread. */
export const Wish = {
  GoOn: 0,
  /** Hand over what was seen, and end. */
  Stop: 1,
  /** Hand over what was seen so far, set the number back, and go on. */
  Read: 2,
} as const;
