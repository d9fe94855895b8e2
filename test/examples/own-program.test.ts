/** With node:test: a program of one's own as a node, and another one that talks to it. */
import { equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import { lab } from 'castlab';

/** Answers every datagram with itself, twice. */
const echo = `
const socket = require('node:dgram').createSocket('udp4');
socket.on('message', (message, { port, address }) => socket.send(message + message, port, address));
socket.bind(7);
`;

const ask = `
const socket = require('node:dgram').createSocket('udp4');
const again = setInterval(() => socket.send('ho', 7, process.argv[1]), 50);
socket.on('message', (message) => {
  console.log(String(message));
  clearInterval(again);
  socket.close();
});
`;

test('a server that the lab starts, and a client', async (t) => {
  const net = await lab(t, {
    name: 'own-program',
    zones: {
      west: { hosts: { client: 'none' } },
      east: { hosts: { server: { run: [process.execPath, '-e', echo] } } },
    },
    trunks: [{ between: ['west', 'east'], delay: '5ms' }],
  });
  const { nodes } = await net.status();
  const { address } = nodes.find(({ name }) => name === 'server')!;
  const { code, stdout, stderr } = await net.exec('client', [process.execPath, '-e', ask, address]);
  equal(code, 0, stderr);
  match(stdout, /^hoho$/m);
});
