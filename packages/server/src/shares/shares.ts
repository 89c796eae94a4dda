import { describeValue, onLateFailure } from '@frameport/framing/checks'
import type { SessionTimer } from '@frameport/protocol/session'
import { emptyContext } from '../async-context.ts'
import type { ShareFacts } from '../option-types.ts'
import { ServerError } from '../server-error.ts'
import { addressShare } from './address-share.ts'
import { CountedShare, noShare, type Share, type ShareServices } from './share.ts'

const lookEveryMs = 1_000

export interface SharesOptions extends Omit<ShareServices, 'rests'> {
  /** The option `shareKey`. Default: {@link addressShare}. */
  readonly shareKey: ((facts: ShareFacts<unknown>) => unknown) | undefined
}

/** The shares of a server, by their keys. An idle share is forgotten after a second. */
export class Shares {
  readonly #options: SharesOptions
  readonly #services: ShareServices
  readonly #none: Share
  readonly #shares = new Map<string, CountedShare>()
  /** The shares to check in a second. */
  readonly #resting = new Set<CountedShare>()
  #timer: SessionTimer | undefined
  #closed = false

  constructor(options: SharesOptions) {
    this.#options = options
    this.#services = { ...options, rests: (share) => this.#rests(share) }
    this.#none = noShare(options.log)
  }

  /** The number of shares that are active, or were a second ago. */
  get size(): number {
    return this.#shares.size
  }

  /** @throws ServerError `SHARE_KEY_FAILED` */
  of(facts: ShareFacts<unknown>): Share {
    const key = this.#keyOf(facts)
    if (key === undefined) return this.#none
    const known = this.#shares.get(key)
    if (known !== undefined) return known
    const share = new CountedShare(key, this.#services)
    this.#shares.set(key, share)
    this.#rests(share)
    return share
  }

  /** Sets no more timers. Active connections and handlers still count. */
  close(): void {
    this.#closed = true
    this.#timer?.cancel()
    this.#look()
  }

  #keyOf(facts: ShareFacts<unknown>): string | undefined {
    const { shareKey } = this.#options
    if (shareKey === undefined) return addressShare(facts.remoteEndpoint)
    let key: unknown
    try {
      key = emptyContext.runInAsyncScope(shareKey, undefined, facts)
    } catch (cause) {
      throw new ServerError('SHARE_KEY_FAILED', 'shareKey threw', { cause })
    }
    if (key === undefined || (typeof key === 'string' && key !== '')) return key
    if (key === '')
      throw new ServerError(
        'SHARE_KEY_FAILED',
        'shareKey returned an empty string: return undefined for a connection that is not counted',
      )
    onLateFailure(key, () => undefined) // A promise is an invalid key, whatever it settles to.
    throw new ServerError('SHARE_KEY_FAILED', `shareKey returned ${describeValue(key)}, not a string`)
  }

  #rests(share: CountedShare): void {
    this.#resting.add(share)
    if (this.#closed) this.#look()
    else this.#timer ??= this.#options.environment.setTimer(lookEveryMs, () => this.#look())
  }

  #look(): void {
    this.#timer = undefined
    for (const share of [...this.#resting]) {
      share.sayLeftOut()
      this.#resting.delete(share)
      if (!share.isIdle) continue
      if (this.#closed || share.isForgettable) this.#shares.delete(share.key)
      else this.#rests(share)
    }
  }
}
