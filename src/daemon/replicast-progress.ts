const WIDTH = 30;
/** ms between two drawings. */
const INTERVAL = 100;

/** A progress bar on a terminal; nothing anywhere else. */
export class Progress {
  readonly #stream: NodeJS.WriteStream;
  readonly #title: string;
  readonly #started = performance.now();
  #drawnAt = Number.NEGATIVE_INFINITY;
  #drawn = false;

  constructor(title: string, stream: NodeJS.WriteStream = process.stderr) {
    this.#title = title;
    this.#stream = stream;
  }

  /** @param done bytes; @param of bytes in all, when that is known */
  show(done: number, of?: number): void {
    const now = performance.now();
    if (!this.#stream.isTTY || now - this.#drawnAt < INTERVAL) return;
    this.#drawnAt = now;
    this.#drawn = true;
    const rate = `${mebibytes((done * 1000) / Math.max(1, now - this.#started))}/s`;
    const share = of ? done / of : 0;
    const bar = of ? `[${'#'.repeat(Math.round(share * WIDTH)).padEnd(WIDTH)}] ${(share * 100).toFixed(0)}% ` : '';
    this.#stream.write(`\r\u001b[K${this.#title} ${bar}${mebibytes(done)} ${rate}`);
  }

  /** Takes the bar away. */
  end(): void {
    if (this.#drawn) this.#stream.write('\r\u001b[K');
  }
}

function mebibytes(bytes: number): string {
  return `${(bytes / (1 << 20)).toFixed(1)} MiB`;
}
