import type { Body } from '../../src/envelope/index.ts'
import { RpcError } from '../../src/rpc-error.ts'
import type { IncomingUpload } from '../../src/session/index.ts'
import { textOfBody } from './bodies.ts'
import type { Amount, Role } from './model/trace.ts'
import type { Run } from './run.ts'

/** How a handler reads the items of its caller. */
export class UploadReader {
  readonly #run: Run
  readonly #side: Role
  readonly #upload: IncomingUpload
  readonly #tag: number
  readonly #answer: () => void
  /** Whether it reads each item on arrival, and grants the same amount again. */
  readonly #isEager: boolean
  isReceiving = false
  hasEnded = false
  itemsCome = 0
  #unread = 0

  /** @param answer answers the call */
  constructor(run: Run, side: Role, upload: IncomingUpload, tag: number, answer: () => void) {
    this.#run = run
    this.#side = side
    this.#upload = upload
    this.#tag = tag
    this.#answer = answer
    this.#isEager = run.isCalm || run.draw.chance(0.4)
  }

  /** Asks for the items, in most cases. */
  begin(): void {
    const { draw, isCalm } = this.#run
    if (!isCalm && draw.chance(0.1)) return
    this.isReceiving = true
    this.#see({ what: 'receiveUpload', tag: this.#tag })
    this.#upload.receive({
      item: (body, bytes) => this.#item(body, bytes),
      ...(draw.chance(0.5) ? { longItem: (read, bytes) => this.#longItem(read, bytes) } : {}),
      end: () => {
        this.hasEnded = true
        this.#see({ what: 'uploadEnded', tag: this.#tag })
        if (!isCalm && draw.chance(0.4)) this.#answer()
      },
    })
  }

  /** One act of the reading handler. */
  act(): void {
    const { draw } = this.#run
    const act = draw.weighted({ take: 3, grant: 4, stop: 1 })
    if (act === 'take') this.take()
    else if (act === 'grant') this.grant(this.#credit())
    else this.stop()
  }

  /** Reads everything that has arrived, and grants more. */
  goOn(): void {
    while (this.#unread > 0) this.take()
    this.grant({ items: 5, bytes: 50_000 })
  }

  /** Takes an item, even when none has arrived. */
  take(): void {
    this.#unread = Math.max(0, this.#unread - 1)
    this.#see({ what: 'takeItem', tag: this.#tag })
    this.#upload.taken()
  }

  grant(credit: Amount): void {
    this.#see({ what: 'grantUpload', tag: this.#tag, credit })
    this.#upload.grant(credit)
  }

  stop(): void {
    this.#see({ what: 'stopUpload', tag: this.#tag })
    this.#upload.stop()
  }

  #longItem(read: () => Body | RpcError, bytes: number): void {
    const body = read()
    if (RpcError.is(body)) this.#run.defect ??= body
    else this.#item(body, bytes)
  }

  #item(body: Body, bytes: number): void {
    this.itemsCome += 1
    this.#unread += 1
    this.#see({ what: 'itemCame', tag: this.#tag, body: textOfBody(body), bytes })
    if (this.#isEager) {
      this.take()
      this.grant({ items: 1, bytes })
    }
    const { draw, isCalm } = this.#run
    if (isCalm) return
    const act = draw.weighted({ nothing: 20, stop: 2, answer: 1, both: 1 })
    if (act === 'answer') this.#answer()
    if (act === 'stop' || act === 'both') this.stop()
    if (act === 'both') this.#answer()
  }

  #see(seen: Parameters<Run['see']>[1]): void {
    this.#run.see(this.#side, seen)
  }

  /** Credit in odd amounts. */
  #credit(): Amount {
    const { draw } = this.#run
    return { items: draw.pick([0, 1, 2, 7]), bytes: draw.pick([0, 1, 13, 333, 50_000]) }
  }
}
