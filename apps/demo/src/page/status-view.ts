import type { StatusFacts } from '../member/status-facts.ts'
import { typingSentence } from '../member/typists.ts'
import { neutralised } from '../safe-text.ts'
import { byId } from './dom.ts'

const title = 'Frameport chat'

/** The status above and below the lines: the room, its members, the typists, and problems with the connection. */
export class StatusView {
  readonly #room = byId('room-name', HTMLHeadingElement)
  readonly #here = byId('here', HTMLParagraphElement)
  readonly #banner = byId('banner', HTMLParagraphElement)
  readonly #typing = byId('typing', HTMLParagraphElement)
  #facts: StatusFacts | undefined
  #unread = 0
  #unsent = 0
  #over: string | undefined

  show(facts: StatusFacts): void {
    this.#facts = facts
    this.#draw()
  }

  /** Shows the number of lines that arrived while the page was not in focus. */
  unread(count: number): void {
    this.#unread = count
    this.#draw()
  }

  /** Shows the number of lines that were entered and wait for a connection. */
  unsent(count: number): void {
    this.#unsent = count
    this.#draw()
  }

  /** The chat has ended on this page, whatever happens to the connection. */
  over(sentence: string): void {
    this.#over ??= sentence
    this.#draw()
  }

  #draw(): void {
    const { room = '', members = 0, away = 0, typing = [], outage } = this.#facts ?? {}
    const shown = neutralised(room)
    const mark = this.#unread === 0 ? '' : `(${this.#unread}) `
    document.title = room === '' ? title : `${mark}${shown} – ${title}`
    setText(this.#room, shown)
    setText(this.#here, away === 0 ? `${members} here` : `${members} here, ${away} away`)
    setText(this.#typing, neutralised(typingSentence(typing)))
    const wrong = this.#over ?? (outage && this.#outageText(outage))
    this.#banner.hidden = wrong === undefined
    if (wrong !== undefined) setText(this.#banner, wrong)
  }

  #outageText({ isSilent, seconds }: NonNullable<StatusFacts['outage']>): string {
    const what = isSilent ? 'The server does not answer' : 'The connection is lost: reconnecting'
    const since = seconds === 0 ? '' : ` (${seconds} s)`
    const waiting = this.#unsent === 0 ? '' : ` ${this.#unsent} of your lines will be sent when it is back.`
    return `${what}…${since}${waiting}`
  }
}

/** Sets the text only if it differs, because a screen reader would repeat it. */
function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text
}
