import type { RpcError } from '@frameport/protocol'
import type { Credit } from '@frameport/protocol/envelope'
import type { OutgoingCall, OutgoingUpload, Session } from '@frameport/protocol/session'
import { fromBody, toBody } from './session-bodies.ts'

export interface SessionCallOptions {
  readonly input?: unknown
  /** The items of the upload, which are read as the callee grants credit. */
  readonly upload?: Iterable<unknown> | AsyncIterable<unknown>
  /** Requests items with this initial credit. Each received item is granted again. */
  readonly credit?: Credit
  readonly deadlineMs?: number
  readonly metadata?: Readonly<Record<string, string>>
}

/** A call of a session with promises and loops. */
export class SessionCall implements AsyncIterable<unknown> {
  /** The result; undefined after the end of the items. */
  readonly result: Promise<unknown>
  /** The number of stops that the callee sent. */
  stops = 0
  /** The number of items that were read from the source. */
  read = 0
  readonly call: OutgoingCall
  readonly #arrived: { readonly value: unknown; readonly bytes: number }[] = []
  #isSettled = false
  #wake = () => {}

  constructor(session: Session, procedure: string, options: SessionCallOptions = {}) {
    const { input, upload, credit, deadlineMs, metadata } = options
    let settle: (error: RpcError | undefined, value: unknown) => void = () => undefined
    this.result = new Promise((resolve, reject) => {
      settle = (error, value) => (error === undefined ? resolve(value) : reject(error))
    })
    // Prevents an unhandled rejection if a test checks something else first.
    this.result.catch(() => undefined)
    this.call = session.call(
      {
        procedure,
        input: toBody(input),
        upload: upload !== undefined,
        ...(credit === undefined ? {} : { initialCredit: credit }),
        ...(deadlineMs === undefined ? {} : { deadlineMs }),
        ...(metadata === undefined ? {} : { metadata }),
      },
      {
        item: (body, bytes) => {
          this.#arrived.push({ value: fromBody(body), bytes })
          this.#wake()
        },
        stopped: () => {
          this.stops += 1
        },
        settled: (error, body) => {
          this.#isSettled = true
          settle(error, fromBody(body))
          this.#wake()
        },
      },
    )
    if (upload !== undefined && this.call.upload !== undefined) void this.#feed(this.call.upload, upload)
  }

  async *[Symbol.asyncIterator](): AsyncIterator<unknown> {
    for (;;) {
      const next = this.#arrived.shift()
      if (next !== undefined) {
        this.call.grant({ items: 1, bytes: next.bytes })
        yield next.value
      } else if (this.#isSettled) {
        await this.result
        return
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      }
    }
  }

  async #feed(upload: OutgoingUpload, source: Iterable<unknown> | AsyncIterable<unknown>): Promise<void> {
    for await (const item of source) {
      if (!(await upload.ready())) return
      this.read += 1
      upload.send(toBody(item))
    }
    upload.end()
  }
}

/** Makes a one-way call. Settles after it was passed on. */
export function sendOneway(
  session: Session,
  procedure: string,
  input: unknown,
  deadlineMs?: number,
): Promise<void> {
  return new Promise((resolve, reject) => {
    session.call(
      {
        procedure,
        input: toBody(input),
        isOneway: true,
        ...(deadlineMs === undefined ? {} : { deadlineMs }),
      },
      {
        item: () => undefined,
        settled: (error) => (error === undefined ? resolve() : reject(error)),
      },
    )
  })
}
