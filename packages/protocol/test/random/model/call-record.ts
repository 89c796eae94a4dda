import type { Amount, Answer, AskedCall, Fault, Role } from './trace.ts'

/** Everything that is known of one call, at both of its ends. */
export class CallRecord {
  readonly tag: number
  readonly caller: Role
  readonly asked: AskedCall
  readonly deadlineAtMs: number
  /** How many calls of its side waited when it was asked for. */
  readonly waitingBefore: number
  id: number | undefined

  // At the caller.
  grantedItems: number
  grantedBytes: number
  /** What of the grants the callee was told of. */
  announced: Amount = { items: 0, bytes: 0 }
  cancelFault: Fault | undefined
  cancelAsked = false
  cancelSent = false
  isSettled = false
  settledAsNeverRun = false
  isMadeAfterClosed = false
  /** When it failed because its session ended. */
  lostAtMs = Number.POSITIVE_INFINITY
  /** It wants to be told that the handler has begun. */
  asksStarted: boolean
  startedReceived = false
  startedTold = false
  isItemReceived = false
  itemsTold = 0
  itemBytesTold = 0
  /** The last byte of the answer came, or the peer said that it never took the call. */
  isAnswerReceived = false
  failureReceived: Fault | undefined
  /** A body of the answer was over a limit of the caller. */
  answerOverLimit = false

  // At the callee.
  receivedAtMs: number | undefined
  isIgnored = false
  expiresAtMs = Number.POSITIVE_INFINITY
  metadataReceived: { readonly entries: number; readonly bytes: number } | undefined
  cancelReceived: string | undefined
  /** Reasons for which the callee may refuse it with RESOURCE_EXHAUSTED. */
  inputOverLimit = false
  unreadAtArrival = false
  abandonedAtArrival = false
  hasHandler = false
  handlerThrew = false
  isHandlerAborted = false
  abortedAtMs = Number.POSITIVE_INFINITY
  answer: Answer | undefined
  items: { readonly body: string; readonly bytes: number }[] = []
  creditItems = 0
  creditBytes = 0
  itemsBegun = 0
  startedAskedAtMs = Number.POSITIVE_INFINITY
  handlerStartedAtMs = Number.POSITIVE_INFINITY
  startedSent = false
  bodyUnderWay: 'result' | 'item' | undefined
  answerSent: string | undefined

  constructor(caller: Role, atMs: number, asked: AskedCall, waitingBefore: number) {
    this.tag = asked.tag
    this.caller = caller
    this.asked = asked
    this.deadlineAtMs = asked.deadlineMs === undefined ? Number.POSITIVE_INFINITY : atMs + asked.deadlineMs
    this.waitingBefore = waitingBefore
    this.asksStarted = asked.asksStarted === true
    this.grantedItems = asked.credit?.items ?? 0
    this.grantedBytes = asked.credit?.bytes ?? 0
  }

  get isSent(): boolean {
    return this.id !== undefined
  }

  /** It holds a slot of the callee, as the caller knows. */
  get holdsSlot(): boolean {
    return this.isSent && !this.isAnswerReceived
  }

  get isWaiting(): boolean {
    return !this.isSent && !this.isSettled
  }

  get isOpenAtCallee(): boolean {
    return this.receivedAtMs !== undefined && !this.isIgnored && this.answerSent === undefined
  }

  /** Its handler runs, and nobody waits for it any more. */
  get isAbandoned(): boolean {
    return this.hasHandler && this.answer === undefined && this.answerSent !== undefined && !this.handlerThrew
  }
}
