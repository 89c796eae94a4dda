/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

/** The element of the page with this id. */
export function byId<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const element = document.getElementById(id)
  if (element instanceof kind) return element
  throw new Error(`the page has no ${kind.name} with the id ${id}`)
}

interface Traits {
  readonly class?: string
  readonly attributes?: Readonly<Record<string, string>>
  readonly onClick?: () => void
}

/**
 * An element with texts and other elements in it. Texts stay texts: the page never parses text from people as HTML,
 * neither here nor elsewhere.
 */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  traits: Traits = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag)
  if (traits.class !== undefined) element.className = traits.class
  for (const [name, value] of Object.entries(traits.attributes ?? {})) element.setAttribute(name, value)
  if (traits.onClick !== undefined) element.addEventListener('click', traits.onClick)
  element.append(...children)
  return element
}

export function makeButton(text: string, onClick: () => void): HTMLButtonElement {
  return make('button', { attributes: { type: 'button' }, onClick }, text)
}
