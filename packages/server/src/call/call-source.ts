import {
  CallFacts,
  type CallLog,
  type CallSide,
  type EnterContext,
  type IncomingCallFacts,
  type WatchedCall,
} from '@frameport/protocol/serving'
import type { IncomingCall, SessionEnvironment } from '@frameport/protocol/session'
import { currentContext } from '../async-context.ts'
import type { ServerConnection } from '../connection-types.ts'
import type { ServerDiagnostics } from '../diagnostics-types.ts'
import type { IncomingFacts } from '../handlers/handler-types.ts'
import type { Server } from '../server-types.ts'
import type { Share } from '../shares/share.ts'
import type { HandlerCount } from './handler-count.ts'

/** The parts of the server that handlers get, and the counter of handlers. */
export interface CallSourceServices {
  readonly handlers: HandlerCount
  readonly publish: Server['publish']
  readonly connections: Server['connections']
  readonly environment: SessionEnvironment
  readonly diagnostics: ServerDiagnostics | undefined
}

/** The facts about one call. */
class ServerCallFacts extends CallFacts implements IncomingFacts {
  readonly context: unknown
  readonly connection: ServerConnection
  readonly publish: Server['publish']
  readonly connections: Server['connections']

  constructor(
    call: IncomingCall,
    remainingMs: () => number | undefined,
    { context, connection }: CallSource,
    { publish, connections }: CallSourceServices,
  ) {
    super(call, remainingMs)
    this.context = context
    this.connection = connection
    this.publish = publish
    this.connections = connections
  }
}

/** The connection from which calls come. */
export class CallSource implements CallSide {
  readonly connection: ServerConnection
  readonly context: unknown
  readonly share: Share
  readonly #services: CallSourceServices

  constructor(
    services: CallSourceServices,
    from: { readonly connection: ServerConnection; readonly context: unknown; readonly share: Share },
  ) {
    this.#services = services
    this.connection = from.connection
    this.context = from.context
    this.share = from.share
  }

  get log(): CallLog {
    return this.share.log
  }

  get isWatched(): boolean {
    return this.#services.diagnostics?.watchesCalls === true
  }

  watch<Result>(call: WatchedCall, begin: () => Result): Result {
    const { diagnostics, environment } = this.#services
    if (diagnostics === undefined) return begin()
    return diagnostics.watch(call, { connection: this.connection, nowMs: () => environment.nowMs() }, begin)
  }

  factsOf({ id, procedure }: IncomingCall): Record<string, unknown> {
    return { connection: this.connection.id, call: id, procedure }
  }

  whereReason({ id }: IncomingCall): string {
    return `The server's log has the reason under ${this.connection.id}/${id}.`
  }

  handlerFacts(call: IncomingCall, remainingMs: () => number | undefined): IncomingCallFacts {
    return new ServerCallFacts(call, remainingMs, this, this.#services)
  }

  keepContext(): EnterContext {
    const context = currentContext()
    return (run) => context.runInAsyncScope(run)
  }

  callFailed(): void {
    this.#services.handlers.totals.callsFailed += 1
  }

  callEnded(stopped: Promise<void> | undefined): void {
    const { handlers } = this.#services
    if (stopped === undefined) handlers.leave(this.share)
    else void stopped.then(() => handlers.leave(this.share))
  }
}
