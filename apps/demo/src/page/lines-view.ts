import type { LinePlace } from '../chat-contract.ts'
import { limits } from '../limits.ts'
import { type Entry, harmless, type LineEntry } from '../member/entry.ts'
import type { OlderAnswer } from '../member/older-lines.ts'
import { beginSentence, fullSentence } from '../member/sentences.ts'
import { neutralised } from '../safe-text.ts'
import { byId, make } from './dom.ts'
import { nameClass } from './name-class.ts'

/** Within this distance from the end, the view follows the newest line. */
const nearEndPixels = 60

/** Within this distance from the top, the view loads older lines. */
const nearTopPixels = 120

const timeFormat = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })

/** The lines of the room, the newest at the bottom, and a mark before the lines that arrived unseen. */
export class LinesView {
  readonly #list = byId('lines', HTMLDivElement)
  readonly #unreadChanged: (count: number) => void
  #unread = 0
  #mark: HTMLDivElement | undefined
  /** The places of the rows that show lines. */
  readonly #places = new WeakMap<Element, LinePlace>()
  #room = ''
  #readOlder: ((before: LinePlace | undefined) => Promise<OlderAnswer>) | undefined
  #isReading = false
  /** The row that marks the beginning of the history. */
  #beginning: Element | undefined

  /** @param unreadChanged called with the number of lines that arrived while the page was not in focus */
  constructor(unreadChanged: (count: number) => void) {
    this.#unreadChanged = unreadChanged
    document.addEventListener('visibilitychange', () => {
      if (this.#isSeen) this.#seen()
    })
    addEventListener('focus', () => this.#seen())
    this.#list.addEventListener('scroll', () => this.#olderAtTop())
    this.#staysAtEnd()
  }

  /** @param read returns the lines before a place in the room, for a reader who scrolls up */
  scrollsBack(read: (before: LinePlace | undefined) => Promise<OlderAnswer>): void {
    this.#readOlder = read
  }

  show(entry: Entry): void {
    const safe = harmless(entry)
    if (safe.kind === 'line') this.#line(safe)
    else this.append(make('div', { class: safe.kind }, safe.text))
  }

  /** Clears the lines of the previous room. */
  isIn(room: string): void {
    this.#room = room
    this.#list.replaceChildren()
    this.#mark = undefined
    this.#beginning = undefined
    this.#seen()
    // Runs when the first lines of the room are shown, which may not fill the page.
    requestAnimationFrame(() => this.#olderAtTop())
  }

  append(row: HTMLDivElement): void {
    const list = this.#list
    const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < nearEndPixels
    list.append(row)
    while (list.childElementCount > limits.scrolledRowsMax) this.#dropOldest()
    // Scroll at once: during an animation, the next line would find the reader in another position.
    if (isAtEnd) list.scrollTop = list.scrollHeight
  }

  scrollToEnd(): void {
    this.#list.scrollTo({ top: this.#list.scrollHeight, behavior: 'instant' })
    this.#olderAtTop()
  }

  /** Keeps the newest line in sight when something that opens above reduces the height. */
  #staysAtEnd(): void {
    const list = this.#list
    let height = list.clientHeight
    new ResizeObserver(() => {
      const lost = height - list.clientHeight
      height = list.clientHeight
      const { scrollHeight, scrollTop } = list
      if (lost > 0 && scrollHeight - scrollTop - height - lost < nearEndPixels) list.scrollTop = scrollHeight
    }).observe(list)
  }

  #line(line: LineEntry): void {
    if (!line.past && !this.#isSeen) this.#markUnread()
    this.append(this.#rowOf(line))
  }

  #rowOf({ atMs, name, text, place }: LineEntry): HTMLDivElement {
    const at = new Date(atMs)
    const row = make(
      'div',
      { class: 'line' },
      make('time', { attributes: { datetime: at.toISOString() } }, timeFormat.format(at)),
      make('span', { class: `who ${nameClass(name)}` }, name),
      ': ',
      make('span', {}, text),
    )
    if (place !== undefined) this.#places.set(row, place)
    return row
  }

  /** Loads older lines when the reader is near the top. */
  #olderAtTop(): void {
    const { scrollTop, clientHeight } = this.#list
    if (clientHeight === 0 || scrollTop > nearTopPixels) return
    if (this.#readOlder === undefined || this.#isReading || this.#beginning?.isConnected) return
    void this.#older(this.#readOlder)
  }

  async #older(read: (before: LinePlace | undefined) => Promise<OlderAnswer>): Promise<void> {
    const room = this.#room
    if (this.#list.childElementCount >= limits.scrolledRowsMax) return this.#begin(fullSentence)
    this.#isReading = true
    const page = await read(this.#oldest)
    this.#isReading = false
    if (room !== this.#room) return this.#olderAtTop()
    if ('fault' in page) return this.show({ kind: 'fault', text: page.fault })
    this.#prepend(page.lines.map((line) => this.#rowOf(harmless(line))))
    if (page.isStart) this.#begin(beginSentence(room))
    // If all lines fit on the page, the reader cannot scroll, so load more.
    else if (page.lines.length > 0) this.#olderAtTop()
  }

  #begin(sentence: string): void {
    const row = make('div', { class: 'notice' }, neutralised(sentence))
    this.#beginning = row
    this.#prepend([row])
  }

  /** Adds rows at the top without moving the visible rows. */
  #prepend(rows: readonly HTMLDivElement[]): void {
    const list = this.#list
    const { scrollTop, scrollHeight } = list
    // Older lines are not news, so a screen reader should not announce them.
    list.setAttribute('aria-live', 'off')
    list.prepend(...rows)
    list.scrollTo({ top: scrollTop + list.scrollHeight - scrollHeight, behavior: 'instant' })
    requestAnimationFrame(() => list.setAttribute('aria-live', 'polite'))
  }

  #dropOldest(): void {
    const list = this.#list
    const { scrollTop, scrollHeight } = list
    list.firstElementChild?.remove()
    list.scrollTo({ top: scrollTop + list.scrollHeight - scrollHeight, behavior: 'instant' })
  }

  get #oldest(): LinePlace | undefined {
    for (const row of this.#list.children) {
      const place = this.#places.get(row)
      if (place !== undefined) return place
    }
    return undefined
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
