import { contract, procedure } from '@frameport/protocol'
import { z } from 'zod'

/** A call that is answered when the test says so, with the requested number of bytes. */
export const waiting = contract('waiting', {
  version: 1,
  procedures: { hold: procedure({ input: z.object({ bytes: z.int() }), output: z.string() }) },
})

/** The report of the server's process about itself, after a garbage collection. */
export interface WaitingFigures {
  readonly connections: number
  readonly detached: number
  readonly handlers: number
  /** The memory of all sessions, as the server counts it. */
  readonly countedBytes: number
  /** The bytes that the sessions keep for their clients, as they count them. */
  readonly keptBytes: number
  readonly heapBytes: number
  /** Buffers outside the heap. */
  readonly bufferBytes: number
  readonly residentBytes: number
}
