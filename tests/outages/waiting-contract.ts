import { contract, procedure } from '@frameport/protocol'
import { z } from 'zod'

/** A call that is answered once the test says so, with as many bytes as were asked for. */
export const waiting = contract('waiting', {
  version: 1,
  procedures: { hold: procedure({ input: z.object({ bytes: z.int() }), output: z.string() }) },
})

/** What the server's process tells of itself, after a collection. */
export interface WaitingFigures {
  readonly connections: number
  readonly detached: number
  readonly handlers: number
  /** As counted by the server, of all sessions. */
  readonly countedBytes: number
  /** What the sessions keep for their clients, as counted by them. */
  readonly keptBytes: number
  readonly heapBytes: number
  /** Of buffers beside the heap. */
  readonly bufferBytes: number
  readonly residentBytes: number
}
