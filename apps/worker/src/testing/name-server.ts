import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIP } from 'node:net';
import { AUTHORITATIVE_ANSWER, decode, encode, type Question } from 'dns-packet';

/** What a name has, a list for each time that it is asked for (the last one stays), or that there is no answer. */
type NameAnswers = readonly (readonly string[])[] | 'silent';

/** A real name server on 127.0.0.1. A name that it does not know does not exist. */
export type NameServer = {
  /** As `ip:port`. */
  address: string;
  names: Map<string, NameAnswers>;
  /** Each question that came in, as `A example.test`. */
  asked: string[];
  close(): Promise<void>;
};

const NAME_ERROR = 3;

export async function startNameServer(): Promise<NameServer> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const server: NameServer = {
    address: `127.0.0.1:${socket.address().port}`,
    names: new Map(),
    asked: [],
    async close() {
      socket.close();
      await once(socket, 'close');
    },
  };
  socket.on('message', (bytes, { port, address }) => answer(server, socket, bytes, port, address));
  return server;
}

function answer(server: NameServer, socket: Socket, bytes: Buffer, port: number, address: string): void {
  const { id, questions = [] } = decode(bytes);
  const [question] = questions;
  if (id === undefined || question === undefined) return;
  const times = server.asked.filter((asked) => asked === textOf(question)).length;
  server.asked.push(textOf(question));
  const known = server.names.get(question.name.toLowerCase());
  if (known === 'silent') return;
  const found = known?.[Math.min(times, known.length - 1)] ?? [];
  const type = question.type === 'AAAA' ? 'AAAA' : 'A';
  const answers = found
    .filter((data) => isIP(data) === (type === 'A' ? 4 : 6))
    .map((data) => ({ type, name: question.name, ttl: 0, data }) as const);
  const flags = AUTHORITATIVE_ANSWER | (known === undefined ? NAME_ERROR : 0);
  socket.send(encode({ id, type: 'response', flags, questions, answers }), port, address);
}

function textOf({ type, name }: Question): string {
  return `${type} ${name.toLowerCase()}`;
}
