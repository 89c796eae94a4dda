import { IocpError } from '@frameport/iocp-core'
import { addressScheme } from '@frameport/protocol/checks'
import type { Acceptor, AcceptorListener } from '../acceptor.ts'
import { refusal } from '../check-options.ts'
import type { TcpOptions } from '../tcp/tcp-options.ts'
import { tcp } from '../tcp.ts'
import { tls } from '../tls.ts'
import type { TlsOptions } from '../tls-options.ts'
import type { FromWorker } from './messages.ts'

type Listen = (acceptor: Acceptor) => Promise<AcceptorListener>
type AcceptorAt = (url: string, reusePort: boolean) => Acceptor

/** The ports that one worker shares with the others. */
export class SharedPorts {
  readonly #isFirst: boolean
  readonly #say: (message: FromWorker) => void
  /** The callbacks that wait for an address. */
  readonly #waiting = new Map<number, (url: string | undefined) => void>()
  /** The number of times that each address was served, because two listeners on port 0 have two ports. */
  readonly #asked = new Map<string, number>()
  #lastId = 0

  /** @param isFirst this worker finds out whether workers can share a port */
  constructor(isFirst: boolean, say: (message: FromWorker) => void) {
    this.#isFirst = isFirst
    this.#say = say
  }

  /** @throws ServerError `INVALID_OPTION`; the errors of `listen` */
  async listen(address: string, options: TcpOptions | TlsOptions, listen: Listen): Promise<AcceptorListener> {
    const acceptorAt = acceptorsFor(address, options)
    if (address.endsWith(':0')) return this.#listenOnAny(address, acceptorAt, listen)
    if (this.#isFirst) await refuseTaken(acceptorAt(address, false))
    return this.#listenAt(address, acceptorAt, listen)
  }

  /** The main thread has answered. @param url undefined: this worker chooses the port */
  address(id: number, url: string | undefined): void {
    this.#waiting.get(id)?.(url)
    this.#waiting.delete(id)
  }

  /** Listens on the port that the first asking worker chooses. */
  async #listenOnAny(address: string, acceptorAt: AcceptorAt, listen: Listen): Promise<AcceptorListener> {
    const count = this.#asked.get(address) ?? 0
    this.#asked.set(address, count + 1)
    const key = `${address} ${count}`
    const known = await this.#addressOf(key)
    if (known !== undefined) return this.#listenAt(known, acceptorAt, listen)
    let url: string | undefined
    try {
      const listener = await this.#listenAt(address, acceptorAt, listen)
      url = address.replace(/0$/, listener.url.slice(listener.url.lastIndexOf(':') + 1))
      return listener
    } finally {
      this.#say({ kind: 'chosen', key, url })
    }
  }

  /** Listens on a port that others can share. If that is impossible, this worker must be the only one. */
  async #listenAt(url: string, acceptorAt: AcceptorAt, listen: Listen): Promise<AcceptorListener> {
    try {
      return await listen(acceptorAt(url, true))
    } catch (error) {
      if (!this.#isFirst || !IocpError.is(error) || error.code !== 'OPTION_UNSUPPORTED') throw error
      const listener = await listen(acceptorAt(url, false))
      this.#say({ kind: 'alone', reason: error.message })
      return listener
    }
  }

  #addressOf(key: string): Promise<string | undefined> {
    const id = ++this.#lastId
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve)
      this.#say({ kind: 'address', id, key })
    })
  }
}

function acceptorsFor(address: string, options: TcpOptions | TlsOptions): AcceptorAt {
  const scheme = addressScheme(address)
  if (scheme === 'unix')
    throw refusal(`${address} is a unix socket, which workers cannot share: give tcp:// or tls://`)
  return scheme === 'tls'
    ? (url, reusePort) => tls(url, { ...(options as TlsOptions), reusePort })
    : (url, reusePort) => tcp(url, { ...options, reusePort })
}

/**
 * A second start of the program could share the ports, too, and nobody would notice. So the first worker once binds the
 * port exclusively.
 *
 * @throws the error that prevents listening there
 */
async function refuseTaken(acceptor: Acceptor): Promise<void> {
  try {
    const listener = await acceptor.listen({
      accepted: (connection) => connection.abort(),
      acceptFailed: () => undefined,
    })
    await listener.close()
  } finally {
    await acceptor.release?.()
  }
}
