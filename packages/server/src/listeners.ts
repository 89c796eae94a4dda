import { IocpError } from '@frameport/iocp-core'
import type { ServerCertificates } from '@frameport/iocp-core/tls'
import {
  asyncDispose,
  checking,
  describeValue,
  missingMethods,
  reading,
  stackFromHere,
  wrongKind,
} from '@frameport/protocol/checks'
import type { Acceptor, AcceptorEvents, AcceptorListener } from './acceptor.ts'
import { refusal, refuse } from './check-options.ts'
import type { CloseAttempts } from './close-attempts.ts'
import { ServerError } from './server-error.ts'
import type { ListenerStats } from './stats.ts'

const listenerShape = { what: 'an AcceptorListener', methods: ['close'] } as const

/** A listener whose `close` is idempotent, for `await using`. */
type OwnedListener = AcceptorListener & AsyncDisposable

interface ListenerFacts {
  readonly url: string
  readonly backend: string | undefined
  readonly endpoint: object | undefined
  readonly urls: readonly string[] | undefined
  readonly replaceCertificates: AcceptorListener['replaceCertificates']
}

/** The listeners of one server, and the acceptors that it must release. */
export class Listeners {
  readonly #attempts: CloseAttempts
  readonly #open = new Set<AcceptorListener>()
  readonly #acceptors = new Set<Acceptor>()
  /**
   * Acceptors that do not listen yet: a function that fails their `listen`, and a promise for the end of the attempt.
   */
  readonly #pending = new Map<() => void, { readonly url: string; readonly settled: Promise<void> }>()
  #closed = false

  constructor(attempts: CloseAttempts) {
    this.#attempts = attempts
  }

  /**
   * Settles with a listener that meets the interface.
   *
   * @throws the error of the acceptor; ServerError `SERVER_CLOSED`, at once if {@link close} is called meanwhile,
   *   `INVALID_OPTION` for an invalid listener
   */
  async listen(acceptor: Acceptor, events: AcceptorEvents): Promise<OwnedListener> {
    if (acceptor.release !== undefined) this.#acceptors.add(acceptor)
    try {
      return await this.#listenUnlessClosed(acceptor, events)
    } catch (error) {
      // A system error comes from a callback, so its stack lacks the caller of `listen`. Replacing the stack here adds
      // it.
      if (IocpError.is(error)) stackFromHere(error)
      throw error
    }
  }

  #listenUnlessClosed(acceptor: Acceptor, events: AcceptorEvents): Promise<OwnedListener> {
    const { url } = acceptor
    return new Promise((resolve, reject) => {
      const refuseNow = () => reject(new ServerError('SERVER_CLOSED', url))
      const settled = this.#listen(acceptor, events)
        .then(resolve, reject)
        .finally(() => this.#pending.delete(refuseNow))
      this.#pending.set(refuseNow, { url, settled })
    })
  }

  /** The current listeners. */
  facts(): readonly ListenerStats[] {
    return [...this.#open].map(({ url, urls = [url], backend }) => ({ urls, backend }))
  }

  /** Stops listening. Never rejects. */
  async close(): Promise<void> {
    this.#closed = true
    const pending = [...this.#pending]
    for (const [refuseNow] of pending) refuseNow()
    await Promise.all([
      ...[...this.#open].map((listener) =>
        this.#attempts.make('a listener', listener.url, () => listener.close()),
      ),
      ...pending.map(([, { url, settled }]) =>
        this.#attempts.make('a listener that was about to listen', url, () => settled),
      ),
    ])
  }

  /** Releases all acceptors that were asked to listen. Never rejects. */
  async release(): Promise<void> {
    await Promise.all(
      [...this.#acceptors].map((acceptor) =>
        this.#attempts.make('an acceptor', acceptor.url, () => acceptor.release?.()),
      ),
    )
  }

  async #listen(acceptor: Acceptor, events: AcceptorEvents): Promise<OwnedListener> {
    const { url } = acceptor
    const given = await acceptor.listen(events)
    if (this.#closed) {
      // The server closed in the meantime, so nothing else would close this listener.
      await this.#attempts.make('a listener', url, () => given.close())
      throw new ServerError('SERVER_CLOSED', url)
    }
    const listener = checkedListener(url, given, () => this.#open.delete(listener))
    this.#open.add(listener)
    return listener
  }
}

/**
 * @param closed called once, when it has closed
 * @throws ServerError `INVALID_OPTION`, after an attempt to close the listener
 */
function checkedListener(url: string, given: AcceptorListener, closed: () => void): OwnedListener {
  try {
    return checking(() => {
      const name = `the listener that listen of the acceptor ${url} returned`
      if (given === undefined) refuse(`${name} is undefined, not ${listenerShape.what}`)
      refuse(missingMethods(name, given, listenerShape))
      const facts = {
        url: reading(`${name}.url`, () => given.url),
        backend: reading(`${name}.backend`, () => given.backend),
        endpoint: reading(`${name}.endpoint`, () => given.endpoint),
        urls: reading(`${name}.urls`, () => given.urls),
        replaceCertificates: reading(`${name}.replaceCertificates`, () => given.replaceCertificates),
      }
      if (typeof facts.url !== 'string')
        refuse(`the url of ${name} is ${describeValue(facts.url)}, not a string`)
      if (facts.urls !== undefined && !areTexts(facts.urls))
        refuse(`the urls of ${name} are ${describeValue(facts.urls)}, not an array of strings`)
      refuse(wrongKind(`${name}.replaceCertificates`, facts.replaceCertificates, 'function'))
      return withOneClose(given, facts, closed)
    }, refusal)
  } catch (error) {
    closeQuietly(given)
    throw error
  }
}

function withOneClose(
  given: AcceptorListener,
  { url, backend, endpoint, urls, replaceCertificates }: ListenerFacts,
  closed: () => void,
): OwnedListener {
  let closing: Promise<void> | undefined
  const closeOnce = async () => {
    try {
      await given.close()
    } finally {
      closed()
    }
  }
  const close = () => {
    closing ??= closeOnce()
    return closing
  }
  return {
    url,
    ...(backend === undefined ? {} : { backend }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(urls === undefined ? {} : { urls }),
    ...(replaceCertificates === undefined
      ? {}
      : {
          replaceCertificates: (certificates: ServerCertificates) =>
            replaceCertificates.call(given, certificates),
        }),
    close,
    [asyncDispose]: close,
  }
}

function areTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((text) => typeof text === 'string')
}

/** Closes a refused listener, without hiding the reason for the refusal. */
function closeQuietly(given: AcceptorListener): void {
  void (async () => given.close())().catch(() => undefined)
}
