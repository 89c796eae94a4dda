import type { RpcError } from '@frameport/protocol'
import type { IncomingCall } from '@frameport/protocol/session'
import { currentContext } from '../async-context.ts'
import type { CallObserver } from '../handlers/call-observer.ts'
import type { HandlerHost } from '../handlers/run-handler.ts'
import type { ServerConnection } from '../server-types.ts'
import type { Share } from '../shares/share.ts'
import { ObserverGroup } from './observer-group.ts'
import type { UploadItems } from './upload-items.ts'

/** Where the calls of a connection come from. */
export interface CallSource {
  readonly connection: ServerConnection
  readonly context: unknown
  readonly share: Share
}

/** What the log says of a call. */
export function factsOf(
  { id, procedure }: IncomingCall,
  { connection }: CallSource,
): Record<string, unknown> {
  return { connection: connection.id, call: id, procedure }
}

/** One call of a client, from its arrival until it has its answer. */
export class ServedCall implements HandlerHost {
  readonly call: IncomingCall
  readonly source: CallSource
  readonly upload: UploadItems | undefined
  #observers: ObserverGroup | undefined

  constructor(call: IncomingCall, source: CallSource, upload: UploadItems | undefined) {
    this.call = call
    this.source = source
    this.upload = upload
  }

  /** What the log says of it. */
  get facts(): Record<string, unknown> {
    return factsOf(this.call, this.source)
  }

  /** By which the client and the log name it. */
  get reference(): string {
    return `${this.source.connection.id}/${this.call.id}`
  }

  keepContext(): <Result>(run: () => Result) => Result {
    const context = currentContext()
    return (run) => context.runInAsyncScope(run)
  }

  observe(observer: CallObserver): void {
    this.#observers ??= new ObserverGroup(this.call.signal, (err) =>
      this.source.share.log.error({ ...this.facts, err }, 'an observer of a middleware failed'),
    )
    this.#observers.add(observer)
  }

  /** Is told each item that was sent. `undefined` when nobody wants to know. */
  get onItem(): ((item: unknown) => void) | undefined {
    const observers = this.#observers
    return observers && ((item) => observers.itemSent(item))
  }

  /** Is told that the answer was given to the connection. `undefined` when nobody wants to know. */
  get onCompleted(): (() => void) | undefined {
    const observers = this.#observers
    return observers && (() => observers.end('completed'))
  }

  /** The client is told `failure`. */
  failed(failure: RpcError): void {
    this.#observers?.end('failed', failure)
  }
}
