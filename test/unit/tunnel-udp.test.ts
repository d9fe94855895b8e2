import t, { type Test } from 'tap';
import type { HostHop } from '../../src/mrouter/index.ts';
import { type DropReason, type Endpoint, makeEndpoint } from '../../src/overlay/index.ts';
import { eachDatagram, type ReceivedBatch, type TunnelHost, UdpTunnel } from '../../src/tunnel/index.ts';
import { MessageUdpTunnel } from '../../src/tunnel/message-udp.ts';
import { loopbackCluster, until } from '../support/overlay-loopback.ts';

const PORT = 8296;

type Open = (endpoint: Endpoint, host: TunnelHost) => Promise<UdpTunnel | MessageUdpTunnel | undefined>;

/** Both ways to use the underlay's sockets: they do the same. */
const KINDS: Record<string, Open> = {
  dgram: (endpoint: Endpoint, host: TunnelHost) => UdpTunnel.open(endpoint, host, 1500),
  kernel: (endpoint: Endpoint, host: TunnelHost) => MessageUdpTunnel.open(endpoint, host, 1500),
};
async function open(t: Test, openTunnel: Open, address: string) {
  const received: ReceivedBatch[] = [];
  const drops: DropReason[] = [];
  const host: TunnelHost = {
    now: () => 42,
    onReceive: (batch) => eachDatagram(batch, (bytes) => received.push({ ...batch, bytes, size: bytes.length })),
    onDrop: (reason) => void drops.push(reason),
  };
  const endpoint = makeEndpoint(address, PORT);
  const tunnel = (await openTunnel(endpoint, host))!;
  t.teardown(() => tunnel.close());
  const hop: HostHop = { tunnel: 'udp', endpoint, zone: undefined, target: undefined };
  return { tunnel, hop, received, drops };
}

for (const [kind, openTunnel] of Object.entries(KINDS)) {
  t.test(kind, async (t) => {
    t.test('header and inner packet arrive as one datagram, and the header may be reused at once', async (t) => {
      const { address } = loopbackCluster(t);
      const a = await open(t, openTunnel, address(0, 1));
      const b = await open(t, openTunnel, address(1, 1));
      const header = Buffer.alloc(20);
      const inner = Buffer.from('inner packet');
      for (let i = 0; i < 200; i++) {
        header.fill(i);
        a.tunnel.send(b.hop, header, inner);
      }
      await until(() => b.received.length === 200);
      for (const [i, { bytes, size, from, receivedAt }] of b.received.entries()) {
        const wanted = Buffer.concat([Buffer.alloc(20, i), inner]);
        if (!Buffer.from(bytes).equals(wanted) || size !== 32 || from !== a.hop.endpoint.key || receivedAt !== 42) {
          t.fail(`datagram ${i} is another one`);
        }
      }
      t.same([a.drops, b.drops], [[], []]);
    });

    t.test('a batch is taken apart', async (t) => {
      const { address } = loopbackCluster(t);
      const a = await open(t, openTunnel, address(0, 2));
      const b = await open(t, openTunnel, address(1, 2));
      const bytes = Buffer.from('aaaabbbbcc');
      a.tunnel.sendBatch(b.hop, { bytes, size: 4 }, false);
      await until(() => b.received.length === 3);
      t.same(
        b.received.map((batch) => Buffer.from(batch.bytes).toString()),
        ['aaaa', 'bbbb', 'cc'],
      );
      const parts: string[] = [];
      eachDatagram({ bytes: Buffer.from('aaaabbbbcc'), size: 4 }, (part) => parts.push(Buffer.from(part).toString()));
      eachDatagram({ bytes: Buffer.from('aaa'), size: 4 }, (part) => parts.push(Buffer.from(part).toString()));
      t.same(parts, ['aaaa', 'bbbb', 'cc', 'aaa']);
    });

    t.test('what the underlay refuses is counted', async (t) => {
      const { address } = loopbackCluster(t);
      const a = await open(t, openTunnel, address(0, 3));
      a.tunnel.send(a.hop, Buffer.alloc(20), Buffer.alloc(66_000));
      await until(() => a.drops.length === 1);
      t.same(a.drops, ['send-error']);
    });

    t.test('an address in use or of another host', async (t) => {
      const { address } = loopbackCluster(t);
      const a = await open(t, openTunnel, address(0, 4));
      const host: TunnelHost = { now: () => 0, onReceive: () => {}, onDrop: () => {} };
      await t.rejects(openTunnel(a.hop.endpoint, host), { code: 'EADDRINUSE' });
      await t.rejects(openTunnel(makeEndpoint('192.0.2.1', PORT), host), { code: 'EADDRNOTAVAIL' });
    });

    t.test('many datagrams arrive whole, in order, and none twice', async (t) => {
      const { address } = loopbackCluster(t);
      const [a, b, c] = await Promise.all([
        open(t, openTunnel, address(0, 5)),
        open(t, openTunnel, address(1, 5)),
        open(t, openTunnel, address(1, 6)),
      ]);
      // In turns to two places, most of full length, some shorter: runs of every kind.
      const lengthOf = (number: number) => (number % 7 === 6 ? 600 : 1472);
      const header = Buffer.from('000001085010000000000000' + '0000000000000001', 'hex');
      for (let number = 0; number < 300; number++) {
        for (const { hop } of [b, c]) {
          const inner = Buffer.alloc(lengthOf(number) - 20);
          inner[0] = 0x60;
          inner.writeUInt16BE(inner.length - 40, 4);
          inner.writeUInt32BE(number, 40);
          a.tunnel.send(hop, header, inner);
        }
        if (number % 40 === 39) await new Promise((resolve) => setImmediate(resolve));
      }
      for (const { received } of [b, c]) {
        await until(() => received.length >= 300);
        t.same(
          received.map(({ bytes }) => [bytes.length, Buffer.from(bytes).readUInt32BE(60)]),
          Array.from({ length: 300 }, (_, number) => [lengthOf(number), number]),
        );
      }
      t.same([a.drops, b.drops, c.drops], [[], [], []]);
    });
  });
}
