import type { EnvelopeBody } from '@frameport/protocol/envelope'
import { json, noBody } from '../../../support/envelopes.ts'
import { frame } from '../raw-connection.ts'

/** Frames that a server sends for calls and events of the contract under attack. */

export function result(callId: number, body: EnvelopeBody = noBody, goesOn = false): Buffer {
  return frame({ kind: 'result', callId, metadata: {}, body, goesOn })
}

export function item(callId: number, sequence: number, body: EnvelopeBody, goesOn = false): Buffer {
  return frame({ kind: 'item', callId, sequence, body, goesOn })
}

export function more(callId: number, body: EnvelopeBody, goesOn = true): Buffer {
  return frame({ kind: 'more', callId, body, goesOn })
}

export function event(name: 'line' | 'looked', body: EnvelopeBody, room = 'lobby'): Buffer {
  return frame({
    kind: 'event',
    event: `target@1/${name}`,
    topic: JSON.stringify({ room }),
    metadata: {},
    body,
  })
}

/** JSON of at most this many bytes, in which every three bytes are another array. */
export function wide(bytes: number): EnvelopeBody {
  return json(`[${'[],'.repeat(Math.floor((bytes - 3) / 3))}1]`)
}

export function deep(depth: number): EnvelopeBody {
  return json('['.repeat(depth) + ']'.repeat(depth))
}

export function text(bytes: number): EnvelopeBody {
  return json(`"${'x'.repeat(bytes - 2)}"`)
}

/** This many copies, one after the other. */
export function many(bytes: Uint8Array, count: number): Buffer {
  return Buffer.concat(Array.from({ length: count }, () => bytes))
}

/** The beginning of a frame that does not continue. */
export function halfFrame(announced: number, sent: number): Buffer {
  const begun = Buffer.alloc(4 + sent)
  begun.writeUInt32BE(announced)
  // As the first frame of a server it must be a welcome.
  if (sent > 0) begun[4] = 0x41
  return begun
}
