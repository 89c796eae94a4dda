import type { WireEnvelope } from './wire.ts'

export type Role = 'client' | 'server'

export function otherRole(role: Role): Role {
  return role === 'client' ? 'server' : 'client'
}

/** The direction of items in a call. */
export type CallKind = 'unary' | 'server-stream' | 'client-stream' | 'both-ways' | 'one-way'

/** Whether the callee sends items. */
export function wantsItems(kind: CallKind): boolean {
  return kind === 'server-stream' || kind === 'both-ways'
}

/** Whether the caller sends items. */
export function hasUpload(kind: CallKind): boolean {
  return kind === 'client-stream' || kind === 'both-ways'
}

/** The limits of a side on which a rule depends. */
export interface ModelLimits {
  readonly frameBytesMax: number
  readonly bodyBytesMax: number
  readonly bodiesPartialBytesMax: number
  readonly callsInFlightMax: number
  readonly onewaysInFlightMax: number
  readonly uploadItems: number
  readonly uploadBytes: number
  readonly callsQueuedMax: number
  readonly callsAbandonedMax: number
  readonly metadataEntriesMax: number
  readonly metadataBytesMax: number
  readonly answerBytesQueuedMax: number
  readonly sessionMemoryBytesMax: number
  readonly handlerStopMs: number
  readonly closeGraceMs: number
  readonly closeLingerMs: number
}

export interface Amount {
  readonly items: number
  readonly bytes: number
}

/** A failure, as the caller receives it or as a handler gives it. */
export interface Fault {
  readonly code: string
  readonly maybeExecuted: boolean
}

/** A call that a side is asked to make. The tag is unique in the whole run. */
export interface AskedCall {
  readonly what: 'call'
  readonly tag: number
  readonly kind: CallKind
  readonly input: string
  readonly inputBytes: number
  readonly metadata: { readonly entries: number; readonly bytes: number }
  readonly deadlineMs: number | undefined
  readonly credit: Amount | undefined
  /** Whether the caller asks to be told when the handler has begun. */
  readonly asksStarted?: boolean
}

/** What the layer above asks of a side. Bodies are texts, which are equal if the bodies are. */
export type Asked =
  | AskedCall
  | { readonly what: 'grant'; readonly tag: number; readonly credit: Amount }
  | { readonly what: 'askStarted'; readonly tag: number }
  | { readonly what: 'cancel'; readonly tag: number; readonly fault: Fault | undefined }
  | { readonly what: 'answer'; readonly tag: number; readonly answer: Answer }
  | { readonly what: 'sendItem'; readonly tag: number; readonly body: string; readonly bytes: number }
  | { readonly what: 'handlerThrows'; readonly tag: number }
  /** The handler has taken its first step. */
  | { readonly what: 'handlerStarted'; readonly tag: number }
  /** The source of an upload gave an item to send. */
  | { readonly what: 'giveItem'; readonly tag: number; readonly body: string; readonly bytes: number }
  | { readonly what: 'endUpload'; readonly tag: number }
  /** A handler asks for the items of its caller. */
  | { readonly what: 'receiveUpload'; readonly tag: number }
  | { readonly what: 'grantUpload'; readonly tag: number; readonly credit: Amount }
  /** A handler has read the oldest item of an upload. */
  | { readonly what: 'takeItem'; readonly tag: number }
  | { readonly what: 'stopUpload'; readonly tag: number }
  | { readonly what: 'emit'; readonly number: number; readonly body: string }
  | { readonly what: 'close'; readonly graceMs: number | undefined }
  | { readonly what: 'abort' }
  | { readonly what: 'refuseHello' }

export type Answer =
  | { readonly how: 'respond'; readonly body: string }
  | { readonly how: 'fail'; readonly fault: Fault }
  | { readonly how: 'end' }

/** What a side reports to the layer above. */
export type Told =
  | { readonly what: 'opened' }
  | { readonly what: 'handler'; readonly tag: number; readonly input: string; readonly kind: CallKind }
  | { readonly what: 'handlerAborted'; readonly tag: number }
  | { readonly what: 'event'; readonly number: number; readonly body: string }
  | { readonly what: 'goaway' }
  | { readonly what: 'started'; readonly tag: number }
  | { readonly what: 'item'; readonly tag: number; readonly body: string; readonly bytes: number }
  | {
      readonly what: 'settled'
      readonly tag: number
      readonly fault: Fault | undefined
      readonly body: string
    }
  /** The callee accepts no more items. */
  | { readonly what: 'stopped'; readonly tag: number }
  /** A waiting source learns that no item is wanted. */
  | { readonly what: 'notWanted'; readonly tag: number }
  /** An item of an upload, and its end, arrive at the handler. */
  | { readonly what: 'itemCame'; readonly tag: number; readonly body: string; readonly bytes: number }
  | { readonly what: 'uploadEnded'; readonly tag: number }
  /** A one-way call of the peer was dropped. */
  | { readonly what: 'dropped'; readonly tag: number }
  | { readonly what: 'closed'; readonly code: string }

/** The memory that a session holds, in bytes. */
export interface Held {
  readonly inputBytes: number
  readonly partialBytes: number
  readonly waitingBytes: number
}

/** What can be observed from outside of a side. */
export type Seen =
  /** The session passed an envelope to its channel. */
  | { readonly what: 'sent'; readonly envelope: WireEnvelope }
  /** An envelope arrived while `queuedBytes` waited in the channel. */
  | { readonly what: 'received'; readonly envelope: WireEnvelope; readonly queuedBytes: number }
  /** The session ended or aborted its channel. */
  | { readonly what: 'ends' }
  /** The network or the session aborted the connection: data in flight is lost. */
  | { readonly what: 'cut' }
  /** A handler, or the source of an upload, waits to send an item although it may send one. */
  | { readonly what: 'waitsForNothing'; readonly tag: number }
  /** The microtask queue is empty. */
  | {
      readonly what: 'quiet'
      readonly state: string
      readonly callsInFlight: number
      readonly queuedBytes: number
      readonly onewaysDropped: number
      readonly held: Held
    }
  /** All timers have fired, nobody sends, and the session is open. */
  | { readonly what: 'rest'; readonly held: Held }
  /** The run has ended. `reportedBytes` is what the budget of all sessions still holds. */
  | {
      readonly what: 'over'
      readonly callsInFlight: number
      readonly queuedBytes: number
      readonly reportedBytes: number
    }

export type Entry = { readonly atMs: number; readonly side: Role } & (Asked | Told | Seen)
