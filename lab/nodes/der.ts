/** The few elements of DER (ITU-T X.690) that a certificate is made of, each as its bytes. */

const TAG = {
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  object: 0x06,
  text: 0x0c,
  utcTime: 0x17,
  time: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

export function element(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const head = length < 0x80 ? [tag, length] : [tag, 0x82, length >>> 8, length & 0xff];
  return Buffer.concat([Buffer.from(head), content]);
}

export const sequence = (...parts: readonly Uint8Array[]): Buffer => element(TAG.sequence, ...parts);
export const set = (...parts: readonly Uint8Array[]): Buffer => element(TAG.set, ...parts);
export const octets = (content: Uint8Array): Buffer => element(TAG.octets, content);
export const text = (content: string): Buffer => element(TAG.text, Buffer.from(content));
export const yes = (): Buffer => element(0x01, Buffer.of(0xff));

/** A positive number, most significant byte first, without leading zeros. */
export const integer = (bytes: Uint8Array): Buffer =>
  element(TAG.integer, bytes[0]! >= 0x80 ? Buffer.of(0) : Buffer.alloc(0), bytes);

/** All bits of some bytes. */
export const bits = (content: Uint8Array): Buffer => element(TAG.bits, Buffer.of(0), content);

/** Context-specific, constructed (X.690 §8.1.2). */
export const tagged = (number: number, ...parts: readonly Uint8Array[]): Buffer => element(0xa0 | number, ...parts);

/** UTCTime `YYMMDDHHMMSSZ` through 2049, later GeneralizedTime with four digits of the year. RFC 5280 §4.1.2.5 */
export function time(date: Date): Buffer {
  const digits = `${date.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`;
  return date.getUTCFullYear() < 2050
    ? element(TAG.utcTime, Buffer.from(digits.slice(2)))
    : element(TAG.time, Buffer.from(digits));
}

/** An object identifier such as 2.5.29.17. X.690 §8.19 */
export function object(identifier: string): Buffer {
  const [first, second, ...rest] = identifier.split('.').map(Number) as [number, number, ...number[]];
  const bytes = [40 * first + second, ...rest].flatMap((arc) => {
    const digits = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) digits.unshift(0x80 | (left & 0x7f));
    return digits;
  });
  return element(TAG.object, Buffer.from(bytes));
}
