import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { METRICS_CONTENT_TYPE } from './metrics.ts';

/** Answers `GET /metrics` with the text of the moment, and nothing else. */
export class MetricsServer {
  readonly #server: Server;

  private constructor(metrics: () => string) {
    this.#server = createServer((request, response) => {
      if (request.url !== '/metrics') return void response.writeHead(404).end('the metrics are at /metrics\n');
      if (request.method !== 'GET') return void response.writeHead(405, { allow: 'GET' }).end();
      response.writeHead(200, { 'content-type': METRICS_CONTENT_TYPE }).end(metrics());
    });
  }

  /** @throws Error with the code of the system, such as EADDRINUSE */
  static async open(host: string, port: number, metrics: () => string): Promise<MetricsServer> {
    const answering = new MetricsServer(metrics);
    answering.#server.listen(port, host);
    await once(answering.#server, 'listening');
    return answering;
  }

  /** Ends every connection. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }
}
