import { setTimeout as delay } from 'node:timers/promises'
import { colorsFor } from '../colors.ts'
import { limits } from '../limits.ts'
import type { Show } from '../member/entry.ts'
import { beginSentence, olderSentence } from '../member/sentences.ts'
import type { TerminalMember } from './chat-run.ts'
import { figuresRows } from './figures-rows.ts'
import { helpLines, readInput } from './input.ts'
import { noticeColumns } from './paint.ts'
import type { Transcript } from './transcript.ts'

/**
 * The result of one line. `refused`: a sentence was shown and the conversation continues; `failed`: an expectation was
 * not met and nothing after it makes sense.
 */
export type LineOutcome = 'done' | 'refused' | 'failed' | 'quit'

export interface ConversationOptions {
  readonly member: TerminalMember
  readonly show: Show
  /** Present for scripts: `/expect` searches it. */
  readonly transcript?: Transcript
  /** Aborted when the run ends, so that `/wait` and `/expect` end, too. */
  readonly over: AbortSignal
  /** Called with a line that the server refused, after its fault was shown. */
  readonly onUnsaid?: ((line: string) => void) | undefined
  /** Called by `/older` if a screen shows the older lines. */
  readonly onOlder?: (() => void) | undefined
  /** Called by `/stats` if a screen shows the figures live. */
  readonly onStats?: (() => void) | undefined
}

/** Executes the lines of a person or a script, one after the other. */
export class Conversation {
  readonly #options: ConversationOptions

  constructor(options: ConversationOptions) {
    this.#options = options
  }

  async execute(line: string): Promise<LineOutcome> {
    const { member, show, transcript, over } = this.#options
    const inScript = transcript !== undefined
    const input = readInput(line, inScript)
    switch (input.kind) {
      case 'nothing':
        return 'done'
      case 'fault':
        return this.#refuse(input.sentence)
      case 'say':
        return await this.#say(line, input.text)
      case 'join':
        return this.#refuse(await member.join(input.room))
      case 'who':
        return this.#refuse(await member.who())
      case 'older':
        return await this.#older()
      case 'send':
        return await this.#file(member.files.send(input.path))
      case 'take':
        return await this.#file(member.files.take(input.file, input.path))
      case 'decline':
        return (await member.files.decline(input.file)) ? 'done' : 'refused'
      case 'files':
        return (await member.files.list()) ? 'done' : 'refused'
      case 'cancel':
        return member.files.cancel(input.file) ? 'done' : 'refused'
      case 'stats':
        return await this.#stats()
      case 'help':
        for (const text of helpLines(inScript)) show({ kind: 'notice', text })
        return 'done'
      case 'quit':
        return 'quit'
      case 'wait':
        await delay(input.waitMs, undefined, { signal: over }).catch(() => undefined)
        return 'done'
      case 'expect':
        return transcript === undefined ? 'refused' : await this.#expect(input.text, transcript)
    }
  }

  /** A script waits for the end of the transfer. A person can continue to talk. */
  async #file(running: Promise<boolean>): Promise<LineOutcome> {
    if (this.#options.transcript !== undefined) return (await running) ? 'done' : 'refused'
    void running
    return 'done'
  }

  /** On a screen older lines are put above the others; rows of a transcript stay in the order in which they came. */
  async #older(): Promise<LineOutcome> {
    const { member, show, onOlder } = this.#options
    if (onOlder !== undefined) {
      onOlder()
      return 'done'
    }
    const page = await member.older.read()
    if ('fault' in page) return this.#refuse(page.fault)
    if (page.isStart) show({ kind: 'notice', text: beginSentence(member.room) })
    if (page.lines.length > 0) show({ kind: 'notice', text: olderSentence(page.lines.length) })
    for (const line of page.lines) show(line)
    return 'done'
  }

  /** A screen renews the figures; among rows they are printed once. */
  async #stats(): Promise<LineOutcome> {
    const { member, show, over, onStats } = this.#options
    if (onStats !== undefined) {
      onStats()
      return 'done'
    }
    const table = await member.figures.once(over)
    if (typeof table === 'string') return this.#refuse(table)
    for (const text of figuresRows(table, { width: noticeColumns }, colorsFor({}, {})))
      show({ kind: 'notice', text })
    return 'done'
  }

  async #say(line: string, text: string): Promise<LineOutcome> {
    const outcome = this.#refuse(await this.#options.member.say(text))
    if (outcome === 'refused') this.#options.onUnsaid?.(line)
    return outcome
  }

  #refuse(fault: string | undefined): LineOutcome {
    if (fault === undefined) return 'done'
    this.#options.show({ kind: 'fault', text: fault })
    return 'refused'
  }

  async #expect(text: string, transcript: Transcript): Promise<LineOutcome> {
    const { member, over, show } = this.#options
    const enough = new AbortController()
    const giveUp = () => enough.abort()
    let timer: NodeJS.Timeout | undefined
    const wait = () => {
      timer = setTimeout(() => void look(), limits.expectTimeoutMs)
    }
    // Lines that others said during an outage arrive after it.
    const look = async () => {
      const isAnswered = await member.reaches()
      if (enough.signal.aborted) return
      if (isAnswered) giveUp()
      else wait()
    }
    wait()
    over.addEventListener('abort', giveUp, { once: true })
    const found = !over.aborted && (await transcript.expect(text, enough.signal))
    enough.abort()
    clearTimeout(timer)
    over.removeEventListener('abort', giveUp)
    if (found) return 'done'
    if (over.aborted) return 'failed'
    const last = transcript.lastRow
    const seen = last === undefined ? 'There was no line at all.' : `The last line was: ${last}`
    show({
      kind: 'fault',
      text: `No line contained "${text}" within ${limits.expectTimeoutMs / 1_000} s. ${seen}`,
    })
    return 'failed'
  }
}
