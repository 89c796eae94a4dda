import { byteSize } from '../../byte-sizes.ts'
import type { FileProgress } from '../../member/file-progress.ts'
import { neutralised } from '../../safe-text.ts'
import { make } from '../dom.ts'

/** Shows one file on the page: its name, its state, its progress and the possible actions. */
export class FileCard {
  readonly row: HTMLDivElement
  readonly #state = make('p')
  readonly #bar = make('progress', { attributes: { max: '1' } })
  readonly #actions = make('div', { class: 'actions' })
  readonly #card: HTMLDivElement
  #isOver = false
  #hasMore = false

  constructor(title: string, label: string) {
    this.#bar.hidden = true
    this.#bar.setAttribute('aria-label', label)
    this.#card = make(
      'div',
      { class: 'card' },
      make('p', {}, neutralised(title)),
      this.#state,
      this.#bar,
      this.#actions,
    )
    this.row = make('div', {}, this.#card)
  }

  /** Whether the card stays when the person changes rooms: its transfer is running, or its file can be saved. */
  get isOfUse(): boolean {
    return !this.#isOver || this.#hasMore
  }

  state(text: string, ...actions: readonly HTMLElement[]): void {
    this.#state.textContent = neutralised(text)
    this.#actions.replaceChildren(...actions)
  }

  /** Shows the final state of the file. Later progress does not replace it, because the call continues for a moment. */
  over(sentence: string, ...actions: readonly HTMLElement[]): void {
    this.#isOver = true
    this.#hasMore = actions.length > 0
    this.#bar.hidden = true
    this.state(sentence, ...actions)
  }

  progress(progress: FileProgress): void {
    if (this.#isOver) return
    this.#bar.hidden = progress.waitsFor !== undefined
    this.#bar.value = progress.share
    const rate = progress.bytesPerSecond
    const speed = rate === undefined ? '' : `, ${byteSize(Math.round(rate))}/s`
    const held = progress.heldUpBy === undefined ? '' : `: waits for ${progress.heldUpBy}`
    this.#state.textContent = neutralised(
      progress.waitsFor ??
        `${Math.floor(progress.share * 100)} % of ${byteSize(progress.bytes)}${speed}${held}`,
    )
  }

  /** Adds a picture, for example. */
  append(element: HTMLElement): void {
    this.#card.append(element)
  }
}
