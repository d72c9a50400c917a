import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** The open connections of a server, and what each is answering. */
export class Connections {
  readonly #answering = new Map<Socket, ServerResponse | null>();
  #draining = false;

  constructor(server: Server) {
    server.on('connection', (socket) => {
      this.#answering.set(socket, null);
      socket.once('close', () => this.#answering.delete(socket));
    });
    server.prependListener('request', (incoming, outgoing) => this.#track(incoming.socket, outgoing));
  }

  /** The answer that is open on this connection. */
  answering(socket: Socket): ServerResponse | null {
    return this.#answering.get(socket) ?? null;
  }

  /** Closes each connection as soon as it has nothing open: a caller who keeps one alive must not keep the process. */
  drain(): void {
    this.#draining = true;
    for (const [socket, answer] of this.#answering) if (answer === null) socket.destroy();
  }

  #track(socket: Socket, outgoing: ServerResponse): void {
    this.#answering.set(socket, outgoing);
    outgoing.once('close', () => {
      if (this.#answering.get(socket) !== outgoing) return;
      this.#answering.set(socket, null);
      if (this.#draining) socket.end();
    });
  }
}
