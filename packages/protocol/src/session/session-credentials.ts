import { isDuration } from '../checks/milliseconds.ts'
import type { Body } from '../envelope/codec.ts'
import { RpcError } from '../rpc-error.ts'
import { invalidTimeout } from './check-arguments.ts'
import type { ChallengeOptions } from './common/credentials.ts'
import type { SessionCore } from './flow/session-core.ts'
import type { SessionLife } from './session-life.ts'

/** The credentials of a session whose connection is open. They end with the connection. */
export class SessionCredentials {
  readonly #core: SessionCore
  readonly #life: SessionLife
  /** Those of the next hello: the last that the server has taken. */
  auth: Body | undefined

  constructor(core: SessionCore, life: SessionLife, auth: Body | undefined) {
    this.#core = core
    this.#life = life
    this.auth = auth
  }

  /** See `Session.challenge`. */
  challenge(challenge: Body, { timeoutMs }: ChallengeOptions): Promise<void> {
    if (timeoutMs !== undefined && !isDuration(timeoutMs)) return Promise.reject(invalidTimeout(timeoutMs))
    const { taker } = this.#life.link ?? {}
    if (this.#isAway || taker === undefined) return Promise.reject(this.#notConnected('server'))
    return taker.challenge(challenge, timeoutMs ?? this.#core.limits.credentialsTimeoutMs)
  }

  /** See `Session.renewCredentials`. */
  async renew(auth: Body): Promise<void> {
    const { giver } = this.#life.link ?? {}
    if (this.#isAway || giver === undefined) throw this.#notConnected('client')
    await giver.renew(auth)
    this.auth = auth
  }

  get #isAway(): boolean {
    const { phase, isDetached } = this.#life
    return isDetached || (phase !== 'open' && phase !== 'draining')
  }

  #notConnected(role: 'client' | 'server'): RpcError {
    if (role !== this.#core.role) return new RpcError('FAILED_PRECONDITION', `only a ${role} does that`)
    return new RpcError('UNAVAILABLE', 'there is no open connection')
  }
}
