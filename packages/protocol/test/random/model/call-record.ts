import {
  type Amount,
  type Answer,
  type AskedCall,
  type Fault,
  hasUpload,
  type ModelLimits,
  type Role,
} from './trace.ts'
import { type GivenItem, UploadRecord } from './upload-record.ts'

/** A session with a smaller memory limit may have no memory for a call, an item or a piece. */
const memoryBytesEnough = 1024 * 1024

/** Everything known about one call, at its caller and at its callee. */
export class CallRecord {
  readonly tag: number
  readonly caller: Role
  readonly asked: AskedCall
  readonly deadlineAtMs: number
  /** How many calls of its caller were queued when it was made. */
  readonly waitingBefore: number
  id: number | undefined
  isSent = false
  /** Absent in a call without an upload. */
  readonly upload: UploadRecord | undefined

  // At the caller.
  grantedItems: number
  grantedBytes: number
  /** The part of the grants that was announced to the callee. */
  announced: Amount = { items: 0, bytes: 0 }
  cancelFault: Fault | undefined
  cancelAsked = false
  cancelSent = false
  isSettled = false
  /** Which of its bodies is partly sent: its input, or an item of its upload. */
  ownBodyUnderWay: 'call' | 'item' | undefined
  settledAsNeverRun = false
  isMadeAfterClosed = false
  /** When it failed because its session ended. */
  lostAtMs = Number.POSITIVE_INFINITY
  /** Whether its caller asks to be told when the handler has begun. */
  asksStarted: boolean
  startedReceived = false
  startedTold = false
  isItemReceived = false
  itemsTold = 0
  itemBytesTold = 0
  /** Whether the last byte of the answer arrived, or the peer reported that it did not accept the call. */
  isAnswerReceived = false
  failureReceived: Fault | undefined
  /** Whether a body of the answer exceeded a limit of the caller. */
  answerOverLimit = false

  // At the callee.
  receivedAtMs: number | undefined
  isIgnored = false
  expiresAtMs = Number.POSITIVE_INFINITY
  metadataReceived: { readonly entries: number; readonly bytes: number } | undefined
  cancelReceived: string | undefined
  /** Reasons for which the callee may refuse the call with RESOURCE_EXHAUSTED. */
  inputOverLimit = false
  readonly memoryMayRunOut: boolean
  unreadAtArrival = false
  abandonedAtArrival = false
  hasHandler = false
  handlerThrew = false
  threwAtMs = Number.NEGATIVE_INFINITY
  isHandlerAborted = false
  abortedAtMs = Number.POSITIVE_INFINITY
  answer: Answer | undefined
  items: GivenItem[] = []
  creditItems = 0
  creditBytes = 0
  itemsBegun = 0
  startedAskedAtMs = Number.POSITIVE_INFINITY
  handlerStartedAtMs = Number.POSITIVE_INFINITY
  startedSent = false
  bodyUnderWay: 'result' | 'item' | undefined
  answerSent: string | undefined
  /** For one-way calls only. */
  mustBeDropped = false
  mayBeDropped = false
  isDropped = false

  /** @param limits of its callee */
  constructor(caller: Role, atMs: number, asked: AskedCall, waitingBefore: number, limits: ModelLimits) {
    const { uploadItems, uploadBytes, sessionMemoryBytesMax } = limits
    this.tag = asked.tag
    this.upload = hasUpload(asked.kind)
      ? new UploadRecord({ items: uploadItems, bytes: uploadBytes })
      : undefined
    this.memoryMayRunOut = sessionMemoryBytesMax < memoryBytesEnough
    this.caller = caller
    this.asked = asked
    this.deadlineAtMs = asked.deadlineMs === undefined ? Number.POSITIVE_INFINITY : atMs + asked.deadlineMs
    this.waitingBefore = waitingBefore
    this.asksStarted = asked.asksStarted === true
    this.grantedItems = asked.credit?.items ?? 0
    this.grantedBytes = asked.credit?.bytes ?? 0
  }

  /** Whether the call has no answer. */
  get isOneway(): boolean {
    return this.asked.kind === 'one-way'
  }

  /** Whether it holds a slot of the callee, as far as the caller knows. */
  get holdsSlot(): boolean {
    return this.isSent && !this.isAnswerReceived && !this.isOneway
  }

  get isWaiting(): boolean {
    return !this.isSent && !this.isSettled
  }

  /** Whether the callee still has to answer it. */
  get isOpenAtCallee(): boolean {
    const isTaken = this.receivedAtMs !== undefined && !this.isIgnored
    return isTaken && this.answerSent === undefined && !this.isOneway
  }

  /** Whether its handler still runs. */
  get isRunning(): boolean {
    return this.hasHandler && this.answer === undefined && !this.handlerThrew
  }

  /** Whether its handler still runs although the call was already answered. */
  get isAbandoned(): boolean {
    return this.isRunning && this.answerSent !== undefined
  }
}
