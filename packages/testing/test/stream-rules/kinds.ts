import { expect } from 'vitest'
import { createMemoryPair, createSimNetwork, createVirtualClock, type MemoryStream } from '../../src/index.ts'
import type { VirtualClock } from '../../src/virtual-clock.ts'

export interface Streams {
  readonly a: MemoryStream
  readonly b: MemoryStream
  readonly clock: VirtualClock
  /** Runs everything that needs no time. */
  settle(): Promise<void>
  leftOvers(): readonly string[]
}

export interface StreamOptions {
  readonly latencyMs?: number | undefined
  readonly windowBytes?: number | undefined
  readonly highWatermarkBytes?: number | undefined
  readonly lowWatermarkBytes?: number | undefined
}

/** Two ends in memory, in one process. */
export async function memoryStreams(options: StreamOptions = {}): Promise<Streams> {
  const clock = createVirtualClock()
  return { ...createMemoryPair({ clock, ...options }), clock, settle: () => clock.advance(0) }
}

/** A connection between two hosts that sends data in one piece each, because the rules compare chunks. */
export async function simulatedStreams(options: StreamOptions = {}): Promise<Streams> {
  const { latencyMs = 0, windowBytes, ...watermarks } = options
  const network = createSimNetwork({ latencyMs, windowBytes, pieceBytesMax: 2 ** 40 })
  const { clock } = network
  const [a, b] = [network.host('a', watermarks), network.host('b', watermarks)]
  let accepted: unknown
  const listener = await b.acceptor(1).listen({
    accepted: (stream) => {
      accepted = stream
    },
    acceptFailed: () => undefined,
  })
  const { signal } = new AbortController()
  const connected = await clock.until(a.connector('b:1').connect({ signal, timeoutMs: 60_000 }))
  await listener.close()
  return {
    a: connected as MemoryStream,
    b: accepted as MemoryStream,
    clock,
    settle: () => clock.advance(0),
    leftOvers: () => network.leftOvers(),
  }
}

export const kinds: readonly (readonly [string, (options?: StreamOptions) => Promise<Streams>])[] = [
  ['a pair in memory', memoryStreams],
  ['a simulated network', simulatedStreams],
]

/** Each accepted byte is delivered, queued, in transit or dropped. */
export function expectAccounted(ends: { readonly a: MemoryStream; readonly b: MemoryStream }): void {
  for (const end of [ends.a, ends.b]) {
    const { acceptedBytes, deliveredBytes, queuedBytes, onWayBytes, droppedBytes } = end.counters
    expect(deliveredBytes + queuedBytes + onWayBytes + droppedBytes).toBe(acceptedBytes)
  }
}
