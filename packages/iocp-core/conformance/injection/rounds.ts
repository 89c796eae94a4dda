import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { type BackendName, type CompletionPort, createCompletionPort, IocpError } from '../../src/index.ts'
import { text } from '../support/bytes.ts'
import { allZero } from '../support/eventually.ts'
import { accepting } from '../support/pair.ts'
import { Recorder } from '../support/recorder.ts'
import { injectionOf } from './points.ts'
import { type Ports, scenario } from './scenario.ts'

/** So long everything fails in a lasting round: longer than a listener waits before it tries again. */
const lastingMs = 130
/** A round takes some 50 ms: one that is not done by then waits for something that never comes. */
const patienceMs = 5_000

/** From this number on every point fails. */
const lastPoint = 0xffff_ffff

/** Low, so that a little is much. */
const watermarks = { sendQueueHighBytes: 64 * 1024, sendQueueLowBytes: 16 * 1024 }

export interface Round {
  /** Points reached, by kind. */
  readonly reached: Readonly<Record<string, number>>
  /** The kind of the first point that failed; null when none was reached. */
  readonly failed: string | null
  /** Rules that were broken, as sentences. */
  readonly broken: readonly string[]
}

/** Runs the scenario with some of its points failing, then a whole exchange on a new port with none. */
export class Rounds {
  readonly #injection = injectionOf()
  readonly #backend: BackendName
  readonly #timeScale: number
  #uncaught: unknown

  constructor(backend: BackendName, timeScale: number) {
    this.#backend = backend
    this.#timeScale = timeScale
    process.on('uncaughtException', (error) => {
      this.#uncaught = error
    })
  }

  /** No point fails. */
  clean(): Promise<Round> {
    return this.#run(0, 0)
  }

  /** The point of this number fails. */
  once(point: number): Promise<Round> {
    return this.#run(point, point)
  }

  /** From this point on all fail, until after a while the world is well again. */
  async lasting(point: number): Promise<Round> {
    const well = setTimeout(() => this.#injection.disarm(), lastingMs * this.#timeScale)
    const round = await this.#run(point, lastPoint)
    clearTimeout(well)
    return round
  }

  async #run(first: number, last: number): Promise<Round> {
    const before = descriptors()
    this.#injection.arm(first, last)
    const broken = await this.#rulesBroken(scenario)
    this.#injection.disarm()
    const after = descriptors()
    if (after !== before) broken.push(`${before} descriptors before, ${after} after`)
    const failed = this.#injection.failed()
    const reached = this.#injection.reached()
    for (const sentence of await this.#rulesBroken(wholeExchange)) {
      broken.push(`afterwards on a new port: ${sentence}`)
    }
    return { reached, failed, broken }
  }

  async #rulesBroken(run: (ports: Ports, signal: AbortSignal) => Promise<void>): Promise<string[]> {
    const broken: string[] = []
    this.#uncaught = undefined
    const signal = AbortSignal.timeout(patienceMs * this.#timeScale)
    const serving = this.#open(broken)
    const connecting = this.#open(broken)
    if (serving !== undefined && connecting !== undefined) {
      await run({ serving, connecting }, signal).catch((error) => broken.push(sentenceOf(error)))
    }
    for (const port of [serving, connecting]) {
      if (port === undefined) continue
      await beforeTimeUp(signal, port.close(), broken)
      if (!allZero(port.counters)) broken.push(`after the close: ${JSON.stringify(port.counters)}`)
    }
    if (this.#uncaught !== undefined) broken.push(`uncaught: ${sentenceOf(this.#uncaught)}`)
    return broken
  }

  #open(broken: string[]): CompletionPort | undefined {
    try {
      return createCompletionPort({ backend: this.#backend, ...watermarks })
    } catch (error) {
      if (!IocpError.is(error)) broken.push(sentenceOf(error))
      return undefined
    }
  }
}

/** Nothing fails, so nothing may be missing. */
async function wholeExchange({ serving, connecting }: Ports, signal: AbortSignal): Promise<void> {
  const { listener, next } = await accepting(serving)
  const [client, server] = await Promise.all([connecting.connect(listener.endpoint), next()])
  const atServer = new Recorder({ data: (chunk) => void server.send(chunk), end: () => server.end() })
  const atClient = new Recorder()
  server.start(atServer)
  client.start(atClient)
  client.send(text('well again'))
  await atClient.untilBytes(signal, 10)
  client.end()
  assert.equal(await atClient.untilClose(signal), undefined)
  assert.equal(atClient.text(), 'well again')
  await listener.close()
}

async function beforeTimeUp(signal: AbortSignal, closing: Promise<void>, broken: string[]): Promise<void> {
  const timeUp = new Promise<'time up'>((resolve) => {
    if (signal.aborted) setTimeout(resolve, 1_000, 'time up')
    else signal.addEventListener('abort', () => resolve('time up'), { once: true })
  })
  if ((await Promise.race([closing, timeUp])) === 'time up')
    broken.push('the close of the port never settled')
}

/** Open descriptors of this process. Elsewhere than on Linux the port's own count of its handles has to do. */
function descriptors(): number {
  return process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0
}

function sentenceOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? ` (${String(error.cause)})` : ''
  return `${error instanceof Error ? (error.stack ?? error.message) : String(error)}${cause}`
}
