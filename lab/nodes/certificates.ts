import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { parseIpv4 } from '../../src/overlay/index.ts';
import { bits, element, integer, object, octets, sequence, set, tagged, text, time, yes } from './der.ts';

/** A private key and the certificate of its public half, as PEM. */
export interface Identity {
  key: string;
  cert: string;
}

/** Who a certificate is for, and when it holds. */
export interface Subject {
  name: string;
  /** IPv4 */
  address?: string;
  /** Default: from an hour ago, because clocks differ … */
  notBefore?: Date;
  /** … until a day from now: longer than any run. */
  notAfter?: Date;
}

const HOUR = 3_600_000;

/** Object identifiers: RFC 5480 §2.1.1 and appendix A, RFC 5280 §4.2.1, X.520. */
const ECDSA_WITH_SHA256 = sequence(object('1.2.840.10045.4.3.2'));
const COMMON_NAME = object('2.5.4.3');
const BASIC_CONSTRAINTS = object('2.5.29.19');
const SUBJECT_ALTERNATIVE_NAME = object('2.5.29.17');

/** A certificate authority for the nodes of one run: X.509 v3 (RFC 5280), ECDSA on P-256. Its key is in memory only. */
export class Authority {
  /** Its own certificate, PEM. */
  readonly cert: string;
  readonly #name: string;
  readonly #key: KeyObject;

  constructor(name: string) {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.#name = name;
    this.#key = privateKey;
    // The only constraint that matters: it may sign others.
    const mayIssue = sequence(BASIC_CONSTRAINTS, yes(), octets(sequence(yes())));
    this.cert = this.#certificate({ name }, publicKey, mayIssue);
  }

  /** A new key and a certificate that names a host: as DNS name, and by address if it has one. */
  issue(subject: Subject): Identity {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    // GeneralName, RFC 5280 §4.2.1.6: 2 is a DNS name, 7 an address.
    const names = [element(0x82, Buffer.from(subject.name))];
    if (subject.address !== undefined) {
      const address = Buffer.alloc(4);
      address.writeUInt32BE(parseIpv4(subject.address)!);
      names.push(element(0x87, address));
    }
    const alternatives = sequence(SUBJECT_ALTERNATIVE_NAME, octets(sequence(...names)));
    return {
      key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
      cert: this.#certificate(subject, publicKey, alternatives),
    };
  }

  #certificate(subject: Subject, publicKey: KeyObject, extension: Buffer): string {
    const { name, notBefore = new Date(Date.now() - HOUR), notAfter = new Date(Date.now() + 24 * HOUR) } = subject;
    const statement = sequence(
      tagged(0, integer(Buffer.of(2))),
      integer(Buffer.concat([Buffer.of(1), randomBytes(16)])),
      ECDSA_WITH_SHA256,
      distinguishedName(this.#name),
      sequence(time(notBefore), time(notAfter)),
      distinguishedName(name),
      publicKey.export({ type: 'spki', format: 'der' }),
      tagged(3, sequence(extension)),
    );
    const signature = sign('sha256', statement, this.#key);
    const base64 = sequence(statement, ECDSA_WITH_SHA256, bits(signature)).toString('base64');
    return `-----BEGIN CERTIFICATE-----\n${base64.replace(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`;
  }
}

const distinguishedName = (name: string): Buffer => sequence(set(sequence(COMMON_NAME, text(name))));
