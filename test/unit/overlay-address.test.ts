import t from 'tap';
import {
  addressOfKey,
  decodeMulticast,
  encodeMulticast,
  endpointKey,
  endpointOfKey,
  formatIpv4,
  formatIpv6,
  inPrefix,
  makeEndpoint,
  parseIpv4,
  parseIpv4Prefix,
  parseIpv6,
  parseMac,
  prefixesOverlap,
  unicastAddress,
} from '../../src/overlay/index.ts';

const hex = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString('hex');

t.test('IPv6 text to bytes and back, canonical as in RFC 5952', async (t) => {
  const pairs: [string, string][] = [
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8::0:1', '2001:db8::1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['::ffff:10.2.0.11', '::ffff:a02:b'],
    ['fd63:6173:746c:0001::000a', 'fd63:6173:746c:1::a'],
  ];
  for (const [given, canonical] of pairs) t.equal(formatIpv6(parseIpv6(given)!), canonical, given);
  t.equal(hex(parseIpv6('ff15::1:0:0:0:5')), 'ff150000000000010000000000000005');
  t.equal(formatIpv6(Buffer.from('00ff150000000000010000000000000005', 'hex'), 1), 'ff15:0:0:1::5', 'at an offset');
  for (const bad of [
    '',
    ':',
    '1',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1::2::3',
    '12345::',
    'g::',
    '1:2:3:4:5:6:7::8',
    '::1.2.3',
    '1.2.3.4::',
    '::1.2.3.400',
  ]) {
    t.equal(parseIpv6(bad), undefined, `"${bad}" is refused`);
  }
});

t.test('IPv4 addresses and prefixes', async (t) => {
  t.equal(parseIpv4('10.2.0.11'), 0x0a02000b);
  t.equal(formatIpv4(0xffffff01), '255.255.255.1');
  for (const bad of ['', '10.2.0', '10.2.0.256', '10.2.0.1.2', '10.2..1', '10.2.0.01', ' 10.2.0.1', 'a.b.c.d']) {
    t.equal(parseIpv4(bad), undefined, `"${bad}" is refused`);
  }
  const prefix = parseIpv4Prefix('10.2.0.0/15')!;
  t.ok(inPrefix(prefix, parseIpv4('10.3.255.255')!));
  t.notOk(inPrefix(prefix, parseIpv4('10.4.0.0')!));
  t.ok(inPrefix(parseIpv4Prefix('0.0.0.0/0')!, 0xffffffff));
  t.ok(inPrefix(parseIpv4Prefix('200.1.2.3/32')!, parseIpv4('200.1.2.3')!), 'the sign bit does no harm');
  t.ok(prefixesOverlap(prefix, parseIpv4Prefix('10.3.7.0/24')!));
  t.ok(prefixesOverlap(parseIpv4Prefix('10.3.7.0/24')!, prefix));
  t.notOk(prefixesOverlap(prefix, parseIpv4Prefix('10.4.0.0/15')!));
  for (const bad of ['10.2.0.1/24', '10.2.0.0/33', '10.2.0.0', '10.2.0/24']) {
    t.equal(parseIpv4Prefix(bad), undefined, `"${bad}" is refused`);
  }
});

t.test('endpoints are one number each', async (t) => {
  const endpoint = makeEndpoint('10.2.0.11', 8296);
  t.equal(endpoint.key, endpointKey(0x0a02000b, 8296));
  t.same(endpointOfKey(endpoint.key), endpoint);
  t.equal(addressOfKey(endpointKey(0xffffffff, 65535)), 0xffffffff);
  t.throws(() => makeEndpoint('10.2.0', 1), RangeError);
});

t.test('an overlay unicast address is the prefix and the modified EUI-64 of the MAC', async (t) => {
  const prefix = parseIpv6('fd63:6173:746c:1::')!;
  // RFC 4291 appendix A: 34-56-78-9A-BC-DE becomes 36-56-78-FF-FE-9A-BC-DE.
  t.equal(formatIpv6(unicastAddress(prefix, parseMac('34:56:78:9a:bc:de')!)), 'fd63:6173:746c:1:3656:78ff:fe9a:bcde');
  t.equal(formatIpv6(unicastAddress(prefix, parseMac('02:00:0a:02:00:0b')!)), 'fd63:6173:746c:1:0:aff:fe02:b');
  t.equal(parseMac('03:00:0a:02:00:0b'), undefined, 'a group address is no host');
  t.equal(parseMac('02-00-0a-02-00-0b'), undefined);
});

t.test('an overlay multicast address is group id and map', async (t) => {
  const bytes = encodeMulticast({ groupId: 0x123456789abc, map: 0x8000000000000005n });
  t.equal(formatIpv6(bytes), 'ff15:1234:5678:9abc:8000::5');
  t.same(decodeMulticast(bytes), { groupId: 0x123456789abc, map: 0x8000000000000005n });
  t.equal(decodeMulticast(parseIpv6('ff05::1')!), undefined, 'another scope and flags');
  t.equal(decodeMulticast(bytes, 1), undefined, 'not at the end of the bytes');
  t.throws(() => encodeMulticast({ groupId: 2 ** 48, map: 0n }), RangeError);
  t.throws(() => encodeMulticast({ groupId: 1, map: 1n << 64n }), RangeError);
});
