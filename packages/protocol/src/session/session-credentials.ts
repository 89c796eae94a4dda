import { onLateFailure } from '@frameport/framing/checks'
import { isDuration } from '../checks/milliseconds.ts'
import type { Body } from '../envelope/codec.ts'
import { RpcError } from '../rpc-error.ts'
import { invalidTimeout } from './check-arguments.ts'
import type { ChallengeOptions } from './common/credentials.ts'
import type { SessionCore } from './flow/session-core.ts'
import { credentialsEnvelope, goneWhileWaiting } from './link/credentials-link.ts'
import type { CredentialsTaker } from './link/credentials-taker.ts'
import type { SessionLife } from './session-life.ts'

/**
 * The credentials of an open session. Those that a client gives end with the connection; a challenge continues on the
 * next one.
 */
export class SessionCredentials {
  readonly #core: SessionCore
  readonly #life: SessionLife
  /** True while a challenge is awaited. */
  #isAsking = false
  /** The credentials of the next hello: the last that the server has accepted. */
  auth: Body | undefined

  constructor(core: SessionCore, life: SessionLife, auth: Body | undefined) {
    this.#core = core
    this.#life = life
    this.auth = auth
  }

  /** See `Session.challenge`. */
  challenge(challenge: Body, options: ChallengeOptions): Promise<void> {
    const asked = this.#challenge(challenge, options)
    // The caller need not await the answer: a client must not be able to cause an unhandled rejection.
    onLateFailure(asked, () => undefined)
    return asked
  }

  /** See `Session.renewCredentials`. */
  async renew(auth: Body): Promise<void> {
    const { giver } = this.#life.link ?? {}
    if (!this.#isConnected || giver === undefined) throw this.#notConnected('client')
    await giver.renew(auth)
    this.auth = auth
  }

  async #challenge(challenge: Body, { timeoutMs }: ChallengeOptions): Promise<void> {
    const { role, handlers, limits, writer } = this.#core
    if (timeoutMs !== undefined && !isDuration(timeoutMs)) throw invalidTimeout(timeoutMs)
    if (role !== 'server' || !this.#isOpen) throw this.#notConnected('server')
    if (handlers.credentials === undefined)
      throw new RpcError('FAILED_PRECONDITION', 'the session has no handler for credentials')
    if (this.#isAsking)
      throw new RpcError('FAILED_PRECONDITION', 'the client has not answered the last challenge')
    // A challenge that cannot be sent is refused now, not when the client is back.
    if (!this.#isConnected) credentialsEnvelope('challenge', 1, challenge, writer)
    this.#isAsking = true
    try {
      await this.#ask(challenge, timeoutMs ?? limits.credentialsTimeoutMs)
    } finally {
      this.#isAsking = false
    }
  }

  /**
   * Asks again on each connection. A client without one has nothing to answer, and repeated disconnections give it no
   * more time.
   */
  async #ask(challenge: Body, timeoutMs: number): Promise<void> {
    const { environment } = this.#core
    let leftMs = timeoutMs
    for (;;) {
      const taker = this.#taker ?? (await this.#nextTaker())
      const sinceMs = environment.nowMs()
      if (await taker.challenge(challenge, leftMs)) return
      leftMs = Math.max(0, leftMs - (environment.nowMs() - sinceMs))
    }
  }

  async #nextTaker(): Promise<CredentialsTaker> {
    for (;;) {
      const taker = this.#taker
      if (taker !== undefined) return taker
      if (!this.#isOpen) throw goneWhileWaiting('the client has not answered the challenge', false)
      await this.#life.reattachment()
    }
  }

  get #taker(): CredentialsTaker | undefined {
    return this.#isConnected ? this.#life.link?.taker : undefined
  }

  get #isOpen(): boolean {
    const { phase } = this.#life
    return phase === 'open' || phase === 'draining'
  }

  get #isConnected(): boolean {
    return this.#isOpen && this.#life.link?.isOpen === true
  }

  #notConnected(role: 'client' | 'server'): RpcError {
    if (role !== this.#core.role) return new RpcError('FAILED_PRECONDITION', `only a ${role} can do that`)
    return new RpcError('UNAVAILABLE', 'there is no open connection')
  }
}
