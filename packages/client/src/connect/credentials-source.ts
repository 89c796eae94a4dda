import { RpcError } from '@frameport/protocol'
import { textOfThrown } from '@frameport/protocol/checks'
import { type Body, bodyOfValue, encodeBody } from '@frameport/protocol/envelope'
import type { SessionEnvironment, SessionTimer } from '@frameport/protocol/session'
import type { CredentialsFacts, CredentialsFunction } from '../credentials-types.ts'

export interface CredentialsSourceOptions {
  readonly ask: CredentialsFunction
  readonly environment: Pick<SessionEnvironment, 'setTimer'>
  /** The time limit for credentials if nothing else limits them. */
  readonly timeoutMs: number
  /** The maximum length of credentials. */
  readonly bytesMax: number
  /** Runs user code in the user's async context. */
  readonly enter: (run: () => void) => void
}

/** The option `auth` as a function: its result is checked, and its errors name it. */
export class CredentialsSource {
  readonly #options: CredentialsSourceOptions
  /** Errors that the function threw itself, as opposed to those created here. */
  readonly #thrown = new WeakSet<object>()
  /** Functions that end the waiting of pending calls. */
  readonly #waits = new Set<() => void>()

  constructor(options: CredentialsSourceOptions) {
    this.#options = options
  }

  /**
   * Calls the function, and waits without a time limit, because the caller has one.
   *
   * @throws the error of the function; RpcError INVALID_ARGUMENT and RESOURCE_EXHAUSTED for credentials that cannot be
   * sent
   */
  async ask(facts: CredentialsFacts): Promise<Body> {
    const { ask, enter, bytesMax } = this.#options
    let auth: unknown
    try {
      auth = await new Promise((resolve) => {
        enter(() => resolve(ask(facts)))
      })
    } catch (error) {
      if (isObject(error)) this.#thrown.add(error)
      throw error
    }
    return checkedCredentials(auth, bytesMax, 'the result of the function auth')
  }

  /**
   * Calls the function for new credentials, with the time limit of an attempt to connect.
   *
   * @throws as {@link ask}; RpcError DEADLINE_EXCEEDED if they take longer
   */
  async askToRenew(): Promise<Body> {
    const { environment, timeoutMs } = this.#options
    const asked = this.ask({ reason: 'renew' })
    let timer: SessionTimer | undefined
    let giveUp = () => {}
    const late = new Promise<undefined>((resolve) => {
      giveUp = () => resolve(undefined)
      this.#waits.add(giveUp)
      timer = environment.setTimer(timeoutMs, giveUp)
    })
    try {
      const body = await Promise.race([asked, late])
      if (body !== undefined) return body
    } finally {
      timer?.cancel()
      this.#waits.delete(giveUp)
    }
    // The promise may still reject, although it is no longer awaited.
    asked.catch(() => undefined)
    throw new RpcError('DEADLINE_EXCEEDED', lateText(timeoutMs))
  }

  /** Whether the function threw this error. */
  threw(error: unknown): boolean {
    return isObject(error) && this.#thrown.has(error)
  }

  /** Describes what went wrong, with the name of the function. */
  textOf(error: unknown): string {
    const text = textOfThrown(error)
    return this.threw(error) ? `the function auth threw: ${text}` : text
  }

  /** Called when no caller waits any more. */
  end(): void {
    for (const giveUp of this.#waits) giveUp()
  }
}

/** The text for a function that does not settle in time. */
export function lateText(timeoutMs: number): string {
  return `the function auth returned no credentials within ${timeoutMs} ms`
}

/**
 * @param what a text that describes the credentials
 * @throws RpcError INVALID_ARGUMENT for a value that cannot be sent, RESOURCE_EXHAUSTED for one that is too long
 */
export function checkedCredentials(auth: unknown, bytesMax: number, what: string): Body {
  const body = bodyOfValue(auth)
  let bytes: number
  try {
    bytes = encodeBody(body).bytes.length
  } catch (cause) {
    throw new RpcError('INVALID_ARGUMENT', `${what} cannot be sent: ${textOfThrown(cause)}`, { cause })
  }
  const problem = tooLong(bytes, bytesMax)
  if (problem !== undefined) throw new RpcError('RESOURCE_EXHAUSTED', `${what} ${problem}`)
  return body
}

/** Describes what is wrong with credentials of this length; undefined if a hello may contain them. */
export function tooLong(bytes: number, bytesMax: number): string | undefined {
  if (bytes <= bytesMax) return undefined
  return `has ${bytes} bytes, and helloBytesMax is ${bytesMax}: shorten the credentials, or raise the limit on both sides`
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}
