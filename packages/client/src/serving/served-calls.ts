import type { Contract, RpcError } from '@frameport/protocol'
import { errorWithoutStack } from '@frameport/protocol/contract'
import {
  answerCall,
  bindHandlers,
  CallFacts,
  type CallLog,
  type CallSide,
  checkRoute,
  type EnterContext,
  type ErasedMiddleware,
  type HandlerBinding,
  type IncomingCallFacts,
  type Route,
  type ServingOptions,
  type WatchedCall,
} from '@frameport/protocol/serving'
import type { DroppedOneway, IncomingCall } from '@frameport/protocol/session'
import type { AnyClientOptions } from '../any-client-options.ts'
import type { HandlerFailure } from '../client-handlers.ts'
import type { ClientDiagnostics } from '../diagnostics-types.ts'

/** The services with which a client answers calls of its server. */
export interface ServedCallsOptions {
  /** Refuse a call whose procedure has another fingerprint on the server. */
  readonly strict: boolean
  readonly serving: ServingOptions
  /** Called for a failure that the server was not informed about. Must not throw. */
  failed(failed: HandlerFailure): void
  /** Runs user code in the user's async context. */
  enter(run: () => void): void
  keepContext(): EnterContext
  /** Absent if nobody can watch calls. */
  readonly diagnostics: ClientDiagnostics | undefined
}

/** Runs the handlers of a client when its server calls them. */
export class ServedCalls implements CallSide {
  readonly log: CallLog
  readonly #options: ServedCallsOptions
  readonly #contract: Contract
  readonly #routes = new Map<string, Route>()

  constructor(contract: Contract, bindings: readonly HandlerBinding[], options: ServedCallsOptions) {
    this.#contract = contract
    this.#options = options
    for (const binding of bindings) {
      const entry = contract.clientProcedureEntries.get(binding.path)
      if (entry !== undefined) this.#routes.set(entry.wireName, { entry, binding })
    }
    const tell = ({ procedure, err }: Readonly<Record<string, unknown>>) =>
      options.failed({ procedure: String(procedure), error: err })
    this.log = { debug: () => undefined, warn: tell, error: tell }
  }

  /** Finds the handler, runs it, and answers. */
  answer(call: IncomingCall): void {
    const route = this.#routes.get(call.procedure)
    try {
      if (route === undefined) throw unknown(call.procedure, this.#contract)
      checkRoute(route, call, 'client', this.#options.strict)
    } catch (error) {
      if (call.kind === 'one-way') this.log.warn({ ...this.factsOf(call), err: error }, 'not run')
      call.refuse(error as RpcError)
      return
    }
    this.#options.enter(() => void answerCall(this.#options.serving, call, this, route))
  }

  /** Called when the session has dropped a oneway. */
  dropped({ procedure, problem }: DroppedOneway): void {
    const err = errorWithoutStack('ABORTED', `a call without an answer was not run: ${problem}`)
    this.log.warn({ procedure: this.#nameOf(procedure), err }, 'not run')
  }

  get isWatched(): boolean {
    return this.#options.diagnostics?.watchesCallsFromServer === true
  }

  watch<Result>(call: WatchedCall, begin: () => Result): Result {
    const { diagnostics } = this.#options
    return diagnostics === undefined ? begin() : diagnostics.watch(call, begin)
  }

  factsOf({ procedure }: IncomingCall): Record<string, unknown> {
    return { procedure: this.#nameOf(procedure) }
  }

  whereReason(): string {
    return 'The client has the reason (onHandlerFailed).'
  }

  handlerFacts(call: IncomingCall, remainingMs: () => number | undefined): IncomingCallFacts {
    return new CallFacts(call, remainingMs)
  }

  keepContext(): EnterContext {
    return this.#options.keepContext()
  }

  /** Does nothing: the limits of the session count the calls, and no other code waits for the end of one. */
  callEnded(): void {}

  callFailed(): void {}

  #nameOf(wireName: string): string {
    return this.#routes.get(wireName)?.entry.fullName ?? wireName
  }
}

/**
 * Returns the handlers of a client. `undefined` for a client without handlers, which answers nothing.
 *
 * @throws ProtocolError `INVALID_CONTRACT` for a missing handler, or for one without a procedure
 */
export function boundHandlers(
  { name: label, clientProcedures: target }: Contract,
  { handlers, middlewares = [] }: AnyClientOptions,
): readonly HandlerBinding[] | undefined {
  if (handlers === undefined) return undefined
  return bindHandlers({ label, target, middlewares: middlewares as readonly ErasedMiddleware[] }, handlers)
}

/** Answers for a client without handlers. */
export function refuseCall(call: IncomingCall, contract: Contract): void {
  call.refuse(unknown(call.procedure, contract))
}

function unknown(procedure: string, { name, clientProcedureEntries }: Contract): RpcError {
  const known = [...clientProcedureEntries.values()].some(({ wireName }) => wireName === procedure)
  const text = known
    ? `This client was made without handlers: it answers no calls of ${name}.`
    : 'This client has no such procedure. Client and server may have different versions of the contract.'
  return errorWithoutStack('UNIMPLEMENTED', text)
}
