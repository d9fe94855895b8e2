import type { Duplex } from 'node:stream';

/** Ctrl-]: ends the connection, as in telnet and virsh. */
const ESCAPE = 0x1d;

/**
 * Connects this program's terminal to a guest's: every key goes there, Ctrl-C included, except Ctrl-].
 * @returns what gives the terminal back.
 */
export function connectTerminal(guest: Duplex, onEscape: () => void): () => void {
  const { stdin, stdout } = process;
  const onKeys = (keys: Buffer) => {
    if (keys.includes(ESCAPE)) onEscape();
    else guest.write(keys);
  };
  if (stdin.isTTY) stdin.setRawMode(true);
  stdin.on('data', onKeys);
  guest.pipe(stdout, { end: false });
  return () => {
    stdin.off('data', onKeys);
    if (stdin.isTTY) stdin.setRawMode(false);
    stdin.pause();
  };
}
