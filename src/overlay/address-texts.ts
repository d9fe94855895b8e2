import { ADDRESS_TEXT_LIMIT } from './constants.ts';
import { formatIpv6, IPV6_BYTES, sameIpv6 } from './ipv6.ts';

/** The canonical texts of the addresses that come again and again: few hosts send many datagrams. */
export class AddressTexts {
  readonly #texts = new Map<string, string>();
  /** Of the time before: most come from where that came from. */
  readonly #last = new Uint8Array(IPV6_BYTES);
  #lastText = '';

  /** As `formatIpv6`. */
  of(bytes: Uint8Array, offset: number): string {
    if (this.#lastText !== '' && sameIpv6(bytes, offset, this.#last)) return this.#lastText;
    const address = Buffer.from(bytes.buffer, bytes.byteOffset + offset, IPV6_BYTES);
    const key = address.toString('latin1');
    let text = this.#texts.get(key);
    if (text === undefined) {
      if (this.#texts.size >= ADDRESS_TEXT_LIMIT) this.#texts.clear();
      text = formatIpv6(address);
      this.#texts.set(key, text);
    }
    this.#last.set(address);
    this.#lastText = text;
    return text;
  }
}
