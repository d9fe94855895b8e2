const second = 1000;

/** ms from one look at a condition to the next: shorter than what people tell apart, long enough to cost nothing. */
export const POLL_INTERVAL = 5;
/** ms that a put, get or send may take at most: then the node does not answer any more, and the run must end. */
export const STEP_PATIENCE = 120 * second;
/** ms that a node gets to be ready again after a restart. */
export const RESTART_PATIENCE = 20 * second;
/** Lines of a command's output that an error shows. */
export const KEPT_LINES = 12;
