/** Makes elements with few words. Texts only ever become text: nothing that a run says can become markup. */

type Child = Node | string | undefined | false;
type Attributes = Record<string, string | number | boolean | undefined | EventListener>;

function fill<E extends Element>(element: E, attributes: Attributes, children: readonly Child[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (typeof value === 'function') element.addEventListener(name, value);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  for (const child of children) if (child !== undefined && child !== false) element.append(child);
  return element;
}

/** An HTML element; an attribute that is a function listens to the event of that name. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  return fill(document.createElement(tag), attributes, children);
}

/** An SVG element. */
export function s<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);
}

/** A part of the page with a heading, which the contents list and screen readers find. */
export function section(id: string, title: string, ...children: Child[]): HTMLElement {
  return h('section', { id, 'aria-labelledby': `${id}-title` }, h('h2', { id: `${id}-title` }, title), ...children);
}

/** What colours mean: pairs of a class of swatch and its words. */
export function legend(...entries: [look: string, words: string][]): HTMLElement {
  const entry = ([look, words]: [string, string]) => h('li', {}, h('span', { class: `swatch ${look}` }), words);
  return h('ul', { class: 'legend' }, ...entries.map(entry));
}

/** ms with as many digits as say something. */
export function ms(value: number): string {
  const size = Math.abs(value);
  return `${value.toFixed(size < 10 ? 3 : size < 1000 ? 2 : 0)} ms`;
}

export function bytes(value: number): string {
  if (value < 10_000) return `${value} B`;
  return value < 10_000_000 ? `${(value / 1e3).toFixed(1)} kB` : `${(value / 1e6).toFixed(1)} MB`;
}
