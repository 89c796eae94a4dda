import type { Entry } from '../member/entry.ts'
import { harmless } from '../member/entry.ts'
import { byId, make } from './dom.ts'
import { nameClass } from './name-class.ts'

/** More rows than anybody scrolls back: the oldest leave the page. */
const rowsMax = 2_000

/** So near to its end the reader reads the newest line, and goes on doing so. */
const nearEndPixels = 60

const timeFormat = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })

/** The lines of the room, the newest at the bottom, and a mark in front of those that came unseen. */
export class LinesView {
  readonly #list = byId('lines', HTMLDivElement)
  readonly #unreadChanged: (count: number) => void
  #unread = 0
  #mark: HTMLDivElement | undefined

  /** @param unreadChanged called with how many lines came while nobody looked at the page */
  constructor(unreadChanged: (count: number) => void) {
    this.#unreadChanged = unreadChanged
    document.addEventListener('visibilitychange', () => {
      if (this.#isSeen) this.#seen()
    })
    addEventListener('focus', () => this.#seen())
  }

  show(entry: Entry): void {
    const safe = harmless(entry)
    if (safe.kind === 'line') this.#line(safe)
    else this.append(make('div', { class: safe.kind }, safe.text))
  }

  /** In another room nothing of the one before is shown. */
  clear(): void {
    this.#list.replaceChildren()
    this.#mark = undefined
    this.#seen()
  }

  append(row: HTMLDivElement): void {
    const list = this.#list
    const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < nearEndPixels
    list.append(row)
    while (list.childElementCount > rowsMax) list.firstElementChild?.remove()
    if (isAtEnd) list.scrollTop = list.scrollHeight
  }

  scrollToEnd(): void {
    this.#list.scrollTop = this.#list.scrollHeight
  }

  #line({ atMs, name, text, past }: Extract<Entry, { readonly kind: 'line' }>): void {
    const at = new Date(atMs)
    if (!past && !this.#isSeen) this.#markUnread()
    this.append(
      make(
        'div',
        { class: 'line' },
        make('time', { attributes: { datetime: at.toISOString() } }, timeFormat.format(at)),
        make('span', { class: `who ${nameClass(name)}` }, name),
        ': ',
        make('span', {}, text),
      ),
    )
  }

  get #isSeen(): boolean {
    return document.visibilityState === 'visible' && document.hasFocus()
  }

  #markUnread(): void {
    if (this.#unread === 0) {
      this.#mark?.remove()
      this.#mark = make('div', { class: 'unread' }, 'new')
      this.append(this.#mark)
    }
    this.#unread += 1
    this.#unreadChanged(this.#unread)
  }

  #seen(): void {
    this.#unread = 0
    this.#unreadChanged(0)
  }
}
