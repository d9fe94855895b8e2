import { lstatSync, unlinkSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { suggestion } from '../document/index.ts';
import { CONTROL_LINE_LIMIT } from './constants.ts';

/** Does what a request asks for. What it returns is the result; what it throws is the error, of which the caller sees the message. */
export type ControlHandler = (args: Record<string, unknown>) => unknown;

interface Response {
  id: unknown;
  ok: boolean;
  result?: unknown;
  error?: string;
}

/**
 * A node's control socket: a unix stream on which each line is a JSON object, `{id, op, …}` in, `{id, ok, result}` or
 * `{id, ok: false, error}` out, in the order in which requests are done.
 */
export class ControlServer {
  readonly #server: Server;
  readonly #handlers: Readonly<Record<string, ControlHandler>>;
  readonly #connections = new Set<Socket>();

  private constructor(handlers: Readonly<Record<string, ControlHandler>>) {
    this.#handlers = handlers;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  /**
   * Listens at a path; a socket that a dead process left there is removed.
   * @throws Error with the code of the system, such as EADDRINUSE or EACCES
   */
  static async open(path: string, handlers: Readonly<Record<string, ControlHandler>>): Promise<ControlServer> {
    const control = new ControlServer(handlers);
    try {
      await listen(control.#server, path);
    } catch (error) {
      const inUse = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
      if (!inUse || !lstatSync(path).isSocket() || (await answers(path))) throw error;
      unlinkSync(path);
      await listen(control.#server, path);
    }
    return control;
  }

  /** Ends every connection and removes the socket. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#connections) socket.destroySoon();
    await closed;
  }

  #serve(socket: Socket): void {
    this.#connections.add(socket);
    socket.on('close', () => this.#connections.delete(socket));
    socket.on('error', () => socket.destroy());
    const reply = (response: Response) => {
      if (socket.writable) socket.write(`${JSON.stringify(response)}\n`);
    };
    readLines(
      socket,
      (line) => void this.#answer(line).then(reply),
      () => {
        reply({ id: null, ok: false, error: `a request has at most ${CONTROL_LINE_LIMIT} characters` });
        socket.destroySoon();
      },
    );
  }

  async #answer(line: string): Promise<Response> {
    let request: Record<string, unknown>;
    try {
      request = JSON.parse(line) as Record<string, unknown>;
    } catch {
      return { id: null, ok: false, error: 'a request is one JSON object on one line' };
    }
    const { id = null, op, ...args } = request ?? {};
    const handler = Object.hasOwn(this.#handlers, String(op)) ? this.#handlers[String(op)] : undefined;
    if (!handler) {
      const hint = suggestion(String(op), Object.keys(this.#handlers));
      return { id, ok: false, error: `unknown operation "${String(op)}"${hint}` };
    }
    try {
      return { id, ok: true, result: (await handler(args)) ?? null };
    } catch (error) {
      return { id, ok: false, error: error instanceof Error ? error.message : String(error) };
    }
  }
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Whether somebody listens at a socket's path. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const end = (answered: boolean) => {
      socket.destroy();
      resolve(answered);
    };
    socket.once('connect', () => end(true));
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code !== 'ECONNREFUSED'));
  });
}

/** Calls `each` with every line that comes; `tooLong` once, when one exceeds the limit, if there is one. */
function readLines(socket: Socket, each: (line: string) => void, tooLong?: () => void): void {
  let rest = '';
  socket.setEncoding('utf8');
  const take = (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    for (const line of lines) if (line.trim() !== '') each(line);
    if (!tooLong || rest.length <= CONTROL_LINE_LIMIT) return;
    socket.off('data', take);
    tooLong();
  };
  socket.on('data', take);
}

/** The other side of a control socket. Several requests may be under way at a time. */
export class ControlClient {
  readonly #socket: Socket;
  readonly #pending = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>();
  #nextId = 1;

  private constructor(socket: Socket) {
    this.#socket = socket;
    readLines(socket, (line) => this.#settle(JSON.parse(line) as Response));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      for (const { reject } of this.#pending.values()) reject(new Error('the node closed its control socket'));
      this.#pending.clear();
    });
  }

  /** @throws Error with the code of the system when nobody listens there. */
  static connect(path: string): Promise<ControlClient> {
    return new Promise((resolve, reject) => {
      const socket = connect(path);
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new ControlClient(socket));
      });
    });
  }

  /**
   * Asks for one operation and waits for its result.
   * @throws Error with the node's own words when it refuses or fails, or when the connection ends before the answer.
   */
  request(op: string, args: Record<string, unknown> = {}): Promise<unknown> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) return reject(new Error('the node closed its control socket'));
      this.#pending.set(id, { resolve, reject });
      this.#socket.write(`${JSON.stringify({ ...args, id, op })}\n`);
    });
  }

  close(): void {
    this.#socket.end();
  }

  #settle(response: Response): void {
    const waiting = this.#pending.get(response.id as number);
    this.#pending.delete(response.id as number);
    if (response.ok) waiting?.resolve(response.result);
    else waiting?.reject(new Error(response.error));
  }
}
