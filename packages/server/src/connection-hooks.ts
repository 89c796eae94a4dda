import { FramingError } from '@frameport/framing'
import { callReporting } from '@frameport/framing/checks'
import type { SessionCloseReason } from '@frameport/protocol'
import type { ServerConnection } from './connection-types.ts'
import type { ServerDiagnostics } from './diagnostics-types.ts'
import type { Logger } from './logger.ts'
import type { HookFacts, ServerOptions } from './option-types.ts'

type Hooks = Pick<
  ServerOptions<unknown>,
  'onConnection' | 'onDetached' | 'onResumed' | 'onDisconnect' | 'onContextDropped'
>

/** A connection whose hooks are called. */
export interface HookedConnection extends ServerConnection {
  /** The log lines about this connection go here. */
  readonly log: Logger
  /** Ends a connection whose `onConnection` has failed. */
  giveUp(message: string, cause: unknown): void
}

/** Reports changes of connections to the log, to diagnostics, and to the hooks in the options. */
export class ConnectionHooks {
  readonly #hooks: Hooks
  readonly #facts: HookFacts
  readonly #diagnostics: ServerDiagnostics | undefined

  constructor(hooks: Hooks, facts: HookFacts, diagnostics?: ServerDiagnostics) {
    this.#hooks = hooks
    this.#facts = facts
    this.#diagnostics = diagnostics
  }

  opened(connection: HookedConnection, context: unknown): void {
    const { id, log, remoteEndpoint: remote } = connection
    log.info({ connection: id, remote }, 'client connected')
    this.#diagnostics?.connection('connected', connection)
    const failed = (err: unknown) => {
      log.error({ connection: id, err }, 'onConnection failed: closing the connection')
      connection.giveUp('the connection could not be set up', err)
    }
    callReporting(() => this.#hooks.onConnection?.({ connection, context, ...this.#facts }), failed)
  }

  detached(connection: HookedConnection, context: unknown, reason: SessionCloseReason): void {
    const { id, log, remoteEndpoint: remote } = connection
    const { code, message } = reason
    log.info(
      { connection: id, remote, code },
      `connection lost, the session waits for its client: ${message}`,
    )
    this.#diagnostics?.connection('detached', connection, reason)
    callReporting(
      () => this.#hooks.onDetached?.({ connection, context, reason, ...this.#facts }),
      this.#reporter(connection, 'onDetached'),
    )
  }

  resumed(connection: HookedConnection, context: unknown): void {
    const { id, log, remoteEndpoint: remote } = connection
    log.info({ connection: id, remote }, 'client came back to its session')
    this.#diagnostics?.connection('resumed', connection)
    callReporting(
      () => this.#hooks.onResumed?.({ connection, context, ...this.#facts }),
      this.#reporter(connection, 'onResumed'),
    )
  }

  /** @param connection the connection of the session, which has another context */
  contextDropped(connection: HookedConnection, context: unknown): void {
    callReporting(
      () => this.#hooks.onContextDropped?.({ connection, context, ...this.#facts }),
      this.#reporter(connection, 'onContextDropped'),
    )
  }

  closed(connection: HookedConnection, reason: SessionCloseReason): void {
    const { id, log, remoteEndpoint: remote } = connection
    const { code, message, cause } = reason
    const stranger = FramingError.is(cause) ? cause.likelyProtocol : undefined
    const facts = {
      connection: id,
      remote,
      code,
      ...(stranger === undefined ? {} : { likelyProtocol: stranger }),
    }
    const expected = code === 'CLOSED' || code === 'CONNECTION_LOST'
    // For an error of the peer, the message is enough. The cause would add the stack of the decoder, which works
    // correctly.
    const isOurs = code === 'ABORTED' || code === 'CONNECTION_LOST'
    log[expected ? 'info' : 'warn'](
      cause === undefined || !isOurs ? facts : { ...facts, err: cause },
      `connection closed: ${message}`,
    )
    this.#diagnostics?.connection('closed', connection, reason)
  }

  disconnected(connection: HookedConnection, context: unknown, reason: SessionCloseReason): void {
    callReporting(
      () => this.#hooks.onDisconnect?.({ connection, context, reason, ...this.#facts }),
      this.#reporter(connection, 'onDisconnect'),
    )
  }

  #reporter({ id, log }: HookedConnection, hook: string): (err: unknown) => void {
    return (err) => log.error({ connection: id, err }, `${hook} failed`)
  }
}
