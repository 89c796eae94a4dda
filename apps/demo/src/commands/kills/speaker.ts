import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { type Client, createClient, safe } from '@frameport/client'
import { chat, type HistoryPage, type LinePlace } from '../../chat-contract.ts'
import { pause } from '../../pause.ts'
import type { NumberedLine } from './check-lines.ts'
import type { KilledServer } from './killed-server.ts'

/** Lines in flight at once, so that a kill hits some before and some after they are kept. */
const inFlightMax = 4

/** Fewer lines than the server accepts from one person in a burst. */
const linesMax = 80

const room = 'kills'

/** A client that sends numbered lines, and repeats those that were not confirmed. */
export class Speaker {
  /** In the order in which they were first sent. */
  readonly confirmed: NumberedLine[] = []
  sentAgain = 0
  /** The number of repeated lines that the log already had. */
  keptBefore = 0
  readonly #auth = randomBytes(24).toString('base64url')
  #lastNumber = 0
  /** Lines that were sent and not confirmed. */
  #open: number[] = []
  /** The newest line that the server had when it was started. */
  #lastKept = 0

  /** Sends lines until a random moment, and then kills the server. @returns the number of confirmed lines */
  async speakUntilKilled(server: KilledServer): Promise<number> {
    const client = await this.#enter(server)
    const before = this.confirmed.length
    let isKilled = false
    const enough = 1 + Math.floor(Math.random() * linesMax)
    const again = this.#open
    const next = () => {
      const number = again.shift()
      if (number !== undefined) return { number, isAgain: true }
      this.#lastNumber += 1
      return { number: this.#lastNumber, isAgain: false }
    }
    const lost: number[] = []
    const speak = async () => {
      while (!isKilled) {
        const { number, isAgain } = next()
        if (!(await this.#say(client, number, isAgain))) lost.push(number)
        if (this.confirmed.length - before >= enough) said()
      }
    }
    let said = () => {}
    const saidEnough = new Promise<void>((resolve) => {
      said = resolve
    })
    const speaking = Array.from({ length: inFlightMax }, speak)
    await saidEnough
    // Lines are on their way all the time, so that the kill hits some of them.
    await delay(Math.random() * 5)
    isKilled = true
    await server.kill()
    await client.$close({ graceMs: 0 })
    await Promise.all(speaking)
    this.#open = [...new Set([...lost, ...again])].sort((one, other) => one - other)
    return this.confirmed.length - before
  }

  /** Repeats unconfirmed lines, and reads the whole history. */
  async finish(server: KilledServer): Promise<readonly NumberedLine[]> {
    const client = await this.#enter(server)
    for (const number of this.#open) await this.#say(client, number, true)
    this.confirmed.sort((one, other) => Number(one.text) - Number(other.text))
    const kept = await readAll(client)
    await client.$close({ graceMs: 0 })
    return kept
  }

  async #enter(server: KilledServer): Promise<Client<typeof chat>> {
    const client = createClient(chat, server.url, { auth: this.#auth, reconnect: false })
    await client.rooms.join({ room, name: 'speaker' })
    const { lines } = await client.rooms.history({})
    this.#lastKept = lines.at(-1)?.number ?? 0
    return client
  }

  /** @returns whether it was confirmed */
  async #say(client: Client<typeof chat>, number: number, isAgain: boolean): Promise<boolean> {
    if (isAgain) this.sentAgain += 1
    const said = await safe(client.lines.say({ text: String(number), number }))
    if (!said.ok) return false
    const { lineNumber } = said.data
    if (isAgain && lineNumber <= this.#lastKept) this.keptBefore += 1
    this.confirmed.push({ text: String(number), number: lineNumber })
    return true
  }
}

/** Reads the history page by page, to the beginning. */
async function readAll(client: Client<typeof chat>): Promise<NumberedLine[]> {
  const kept: NumberedLine[] = []
  for (let before: LinePlace | undefined; ; ) {
    const page = await pageBefore(client, before)
    kept.unshift(...page.lines.map(({ number, line: { text } }) => ({ number, text })))
    const [first] = page.lines
    if (page.isStart || first === undefined) return kept
    before = { log: page.log, number: first.number }
  }
}

/** Reads one page, at most as fast as the server allows. */
async function pageBefore(client: Client<typeof chat>, before: LinePlace | undefined): Promise<HistoryPage> {
  for (;;) {
    const answer = await safe(client.rooms.history(before === undefined ? {} : { before }))
    if (answer.ok) return answer.data
    if (answer.error.code !== 'TOO_FAST') throw answer.error
    await pause(answer.error.data.retryAfterMs)
  }
}
