import { Model } from './model/model.ts'
import {
  type Asked,
  type AskedCall,
  type Entry,
  hasUpload,
  type ModelLimits,
  type Role,
  type Seen,
  type Told,
} from './model/trace.ts'
import type { WireEnvelope } from './model/wire.ts'

/** Limits for traces that the tests of the model write by hand. */
export const limits: ModelLimits = {
  frameBytesMax: 4_096,
  bodyBytesMax: 100,
  bodiesPartialBytesMax: 150,
  callsInFlightMax: 1,
  onewaysInFlightMax: 1,
  uploadItems: 2,
  uploadBytes: 10,
  callsQueuedMax: 10,
  callsAbandonedMax: 10,
  metadataEntriesMax: 1,
  metadataBytesMax: 10,
  answerBytesQueuedMax: 1_000,
  sessionMemoryBytesMax: 16_777_216,
  handlerStopMs: 5,
  closeGraceMs: 10,
  closeLingerMs: 5,
}

export const none = undefined
const held = { inputBytes: 0, partialBytes: 0, waitingBytes: 0 }
export const quiet = {
  what: 'quiet',
  state: 'open',
  callsInFlight: 0,
  queuedBytes: 0,
  onewaysDropped: 0,
  held,
} as const
export const rest = { what: 'rest', held } as const
export const over = { what: 'over', callsInFlight: 0, queuedBytes: 0, reportedBytes: 0 } as const
export const closed = { what: 'closed', code: 'CLOSED' } as const
export const neverRun = { code: 'UNAVAILABLE', maybeExecuted: false }

export function at(side: Role, what: Asked | Told | Seen, atMs = 0): Entry {
  return { side, atMs, ...what }
}

export function asks(tag: number, wish: Partial<AskedCall> = {}): Entry {
  const metadata = { entries: 0, bytes: 0 }
  const call = {
    tag,
    kind: 'unary' as const,
    input: '4:in',
    inputBytes: 4,
    metadata,
    deadlineMs: none,
    credit: none,
  }
  return at('client', { what: 'call', ...call, ...wish })
}

export function envelope(kind: string, callId: number, fields: Partial<WireEnvelope> = {}): WireEnvelope {
  const none = { upload: false, goesOn: false, asksStarted: false }
  return { kind, callId, payloadBytes: 10, bodyBytes: 4, ...none, ...fields }
}

/** One side sends an envelope, and the other receives it. */
export function goes(from: Role, kind: string, callId: number, fields: Partial<WireEnvelope> = {}): Entry[] {
  const to = from === 'client' ? 'server' : 'client'
  const sent = envelope(kind, callId, fields)
  return [
    at(from, { what: 'sent', envelope: sent }),
    at(to, { what: 'received', envelope: sent, queuedBytes: 0 }),
  ]
}

export function call(tag: number, id: number, wish: Partial<AskedCall> = {}): Entry[] {
  const procedure = `random@1/c${tag}`
  const { kind = 'unary', credit, deadlineMs, asksStarted = false } = wish
  const upload = hasUpload(kind)
  return [
    asks(tag, wish),
    ...goes('client', 'call', id, { procedure, credit, upload, deadlineMs, asksStarted }),
  ]
}

export function runs(tag: number, wish: Partial<Extract<Told, { what: 'handler' }>> = {}): Entry {
  return at('server', { what: 'handler', tag, input: '4:in', kind: 'unary', ...wish })
}

export function responds(tag: number, body = '4:out'): Entry {
  return at('server', { what: 'answer', tag, answer: { how: 'respond', body } })
}

export function settles(tag: number, body = '4:out', fault: typeof neverRun | undefined = none): Entry {
  return at('client', { what: 'settled', tag, fault, body })
}

export const opened = [at('client', { what: 'opened' }), at('server', { what: 'opened' })]

/** The first rule that a trace breaks when both sessions are open. */
export function brokenRule(entries: readonly Entry[], given: Partial<ModelLimits> = {}): string | undefined {
  const model = new Model({ client: { ...limits, ...given }, server: { ...limits, ...given } })
  for (const entry of [...opened, ...entries]) model.see(entry)
  return model.violation?.rule
}
