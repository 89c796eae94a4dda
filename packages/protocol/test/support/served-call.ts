import { contract, type Procedure, RpcError } from '@frameport/protocol'
import type { Body, Credit } from '@frameport/protocol/envelope'
import {
  answerCall,
  bindHandlers,
  CallFacts,
  type ErasedHandler,
  type ErasedMiddleware,
  type UploadWindows,
} from '@frameport/protocol/serving'
import type { IncomingCall, IncomingUploadEvents } from '@frameport/protocol/session'

/** A line of the log of the serving side. */
interface Line {
  readonly level: 'debug' | 'warn' | 'error'
  readonly facts: Readonly<Record<string, unknown>>
  readonly text: string
}

/** One call that is served without a session: its answer, and the acts of its caller. */
export interface Served {
  /** Settles when its handler is no longer awaited. */
  readonly done: Promise<void>
  /** Settles when the call has its answer. */
  readonly answered: Promise<void>
  readonly controller: AbortController
  /** The requests to the session in order: `['respond', body]`, `['fail', error]`, … */
  readonly sent: readonly (readonly [what: string, given?: unknown])[]
  readonly log: readonly Line[]
  /** The arguments of `callEnded`, which is called when the call has its answer. */
  readonly ended: readonly (Promise<void> | undefined)[]
  /** The caller sends an item. */
  item(body: Body | (() => Body | RpcError), bytes: number): void
  /** The caller has no more items. */
  endOfItems(): void
}

export interface ServedOptions {
  readonly input?: Body
  readonly middlewares?: readonly ErasedMiddleware[]
  readonly validateOutputs?: boolean
  readonly uploads?: UploadWindows
  /** Replaces members of a call that accepts everything. */
  readonly call?: Partial<IncomingCall>
}

const roomy: UploadWindows = {
  window: { items: 16, bytes: 65_536 },
  itemsMax: 16,
  announced: { items: 16, bytes: 65_536 },
}

/** Serves a call of a procedure with a handler. */
export function served(
  declared: Procedure,
  handler: (args: never) => unknown,
  options: ServedOptions = {},
): Served {
  const { entry, binding } = routeOf(declared, handler as ErasedHandler, options.middlewares ?? [])
  const controller = new AbortController()
  const sent: [string, unknown?][] = []
  const log: Line[] = []
  const ended: (Promise<void> | undefined)[] = []
  let items: IncomingUploadEvents | undefined
  let answer: () => void = () => undefined
  const answered = new Promise<void>((resolve) => {
    answer = resolve
  })
  const send = (...what: [string, unknown?]) => {
    sent.push(what)
    if (what[0] === 'respond' || what[0] === 'fail' || what[0] === 'end') answer()
  }
  const call: IncomingCall = {
    id: 7,
    procedure: entry.wireName,
    fingerprint: undefined,
    input: options.input ?? { kind: 'none' },
    deadlineAtMs: undefined,
    metadata: {},
    kind: entry.callKind,
    upload: {
      receive: (events) => {
        items = events
      },
      grant: (credit: Credit) => send('grant', credit),
      taken() {},
      mayGrow: () => true,
      grow() {},
      stop: () => send('stop'),
    },
    signal: controller.signal,
    get isAborted() {
      return controller.signal.aborted
    },
    respond: (body, owner) => {
      send('respond', body)
      owner?.given?.()
    },
    fail: (error) => send('fail', error),
    refuse: (error) => send('refuse', error),
    sendItem: (body) => send('item', body),
    handlerStarted() {},
    canSendItem: true,
    ready: async () => undefined,
    end: () => send('end'),
  }
  const line = (level: Line['level']) => (facts: Line['facts'], text: string) =>
    void log.push({ level, facts, text })
  const side = {
    log: { debug: line('debug'), warn: line('warn'), error: line('error') },
    factsOf: ({ id }: IncomingCall) => ({ call: id }),
    whereReason: () => 'The log has the reason.',
    handlerFacts: (call: IncomingCall, remainingMs: () => number | undefined) =>
      new CallFacts(call, remainingMs),
    keepContext:
      () =>
      <Result>(run: () => Result) =>
        run(),
    isWatched: false,
    watch: <Result>(_call: unknown, begin: () => Result) => begin(),
    callFailed: () => undefined,
    callEnded: (stopped: Promise<void> | undefined) => void ended.push(stopped),
  }
  const serving = {
    environment: { nowMs: () => 0, random: () => 0, setTimer: () => ({ cancel() {} }) },
    validateOutputs: options.validateOutputs ?? true,
    uploads: options.uploads ?? roomy,
  }
  const given = Object.defineProperties(call, Object.getOwnPropertyDescriptors(options.call ?? {}))
  const done = Promise.resolve(answerCall(serving, given, side, { entry, binding })).then(() => undefined)
  return {
    done,
    answered,
    controller,
    sent,
    log,
    ended,
    item: (body, bytes) => {
      if (typeof body === 'function') items?.longItem?.(body, bytes)
      else items?.item(body, bytes)
    },
    endOfItems: () => items?.end(),
  }
}

function routeOf(declared: Procedure, handler: ErasedHandler, middlewares: readonly ErasedMiddleware[]) {
  const { procedureEntries } = contract('shop', { version: 1, procedures: { buy: declared } })
  const entry = procedureEntries.get('buy')
  const [binding] = bindHandlers({ label: 'shop/buy', target: declared, middlewares }, handler)
  if (entry === undefined || binding === undefined) throw new Error('nothing was bound')
  return { entry, binding }
}

/** The only failure that was sent. */
export function failureOf({ sent }: Served): RpcError {
  const failures = sent.filter(([what]) => what === 'fail').map(([, error]) => error)
  const [failure] = failures
  if (failures.length !== 1 || !RpcError.is(failure)) throw new Error(`${failures.length} failures`)
  return failure
}

export const bodyOf = (value: unknown): Body => ({ kind: 'value', value })
