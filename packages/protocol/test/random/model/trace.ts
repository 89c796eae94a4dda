import type { WireEnvelope } from './wire.ts'

export type Role = 'client' | 'server'

export function otherRole(role: Role): Role {
  return role === 'client' ? 'server' : 'client'
}

/** What goes forth and back in a call. */
export type CallKind = 'unary' | 'server-stream' | 'client-stream' | 'both-ways' | 'one-way'

/** The callee sends items. */
export function wantsItems(kind: CallKind): boolean {
  return kind === 'server-stream' || kind === 'both-ways'
}

/** The caller sends items. */
export function hasUpload(kind: CallKind): boolean {
  return kind === 'client-stream' || kind === 'both-ways'
}

/** What a side keeps to, as far as a rule depends on it. */
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

/** A failure as the caller is told of it, or as a handler gives it. */
export interface Fault {
  readonly code: string
  readonly maybeExecuted: boolean
}

/** A call that a side is asked to make. Its tag is the number of the call in the whole run. */
export interface AskedCall {
  readonly what: 'call'
  readonly tag: number
  readonly kind: CallKind
  readonly input: string
  readonly inputBytes: number
  readonly metadata: { readonly entries: number; readonly bytes: number }
  readonly deadlineMs: number | undefined
  readonly credit: Amount | undefined
  /** It wants to be told that the handler has begun. */
  readonly asksStarted?: boolean
}

/** What a side was asked for. Bodies are texts that are equal when the bodies are. */
export type Asked =
  | AskedCall
  | { readonly what: 'grant'; readonly tag: number; readonly credit: Amount }
  | { readonly what: 'askStarted'; readonly tag: number }
  | { readonly what: 'cancel'; readonly tag: number; readonly fault: Fault | undefined }
  | { readonly what: 'answer'; readonly tag: number; readonly answer: Answer }
  | { readonly what: 'sendItem'; readonly tag: number; readonly body: string; readonly bytes: number }
  | { readonly what: 'handlerThrows'; readonly tag: number }
  /** It has taken its first step. */
  | { readonly what: 'handlerStarted'; readonly tag: number }
  /** An item of an upload was given to be sent. */
  | { readonly what: 'giveItem'; readonly tag: number; readonly body: string; readonly bytes: number }
  | { readonly what: 'endUpload'; readonly tag: number }
  /** A handler wants the items of its caller. */
  | { readonly what: 'receiveUpload'; readonly tag: number }
  | { readonly what: 'grantUpload'; readonly tag: number; readonly credit: Amount }
  /** The oldest item of an upload was read. */
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

/** What a side was told. */
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
  /** The callee takes no more items. */
  | { readonly what: 'stopped'; readonly tag: number }
  /** A source that waited hears that no item is wanted. */
  | { readonly what: 'notWanted'; readonly tag: number }
  /** An item of an upload, and its end. */
  | { readonly what: 'itemCame'; readonly tag: number; readonly body: string; readonly bytes: number }
  | { readonly what: 'uploadEnded'; readonly tag: number }
  /** A one-way call of the peer was not run. */
  | { readonly what: 'dropped'; readonly tag: number }
  | { readonly what: 'closed'; readonly code: string }

/** What a session holds, in bytes. */
export interface Held {
  readonly inputBytes: number
  readonly partialBytes: number
  readonly waitingBytes: number
}

/** What was seen of a side from outside. */
export type Seen =
  /** An envelope was handed to its channel. */
  | { readonly what: 'sent'; readonly envelope: WireEnvelope }
  /** An envelope came; `queuedBytes` wait in its channel. */
  | { readonly what: 'received'; readonly envelope: WireEnvelope; readonly queuedBytes: number }
  /** It ended or aborted its channel. */
  | { readonly what: 'ends' }
  /** Its connection was taken away, by the network or by itself: what was on its way is lost. */
  | { readonly what: 'cut' }
  /** A handler, or the source of an upload, waits to send an item, and may send one. */
  | { readonly what: 'waitsForNothing'; readonly tag: number }
  /** Nothing is queued as a microtask. */
  | {
      readonly what: 'quiet'
      readonly state: string
      readonly callsInFlight: number
      readonly queuedBytes: number
      readonly onewaysDropped: number
      readonly held: Held
    }
  /** Everything had its time, nobody sends, and the session is open. */
  | { readonly what: 'rest'; readonly held: Held }
  /** The run is over. `reportedBytes` are what the budget of all sessions still holds. */
  | {
      readonly what: 'over'
      readonly callsInFlight: number
      readonly queuedBytes: number
      readonly reportedBytes: number
    }

export type Entry = { readonly atMs: number; readonly side: Role } & (Asked | Told | Seen)
