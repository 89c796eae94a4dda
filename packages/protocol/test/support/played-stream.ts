import type { RpcError } from '@frameport/protocol'
import type { ProcedureEntry } from '@frameport/protocol/contract'
import type { Credit } from '@frameport/protocol/envelope'
import type { OutgoingCallEvents, Session } from '@frameport/protocol/session'
import { CallsOfSignals } from '../../src/calling/calls-of-signals.ts'
import { ItemStream } from '../../src/calling/item-stream.ts'

/**
 * A stream over a session that the test plays.
 *
 * @param streamWindow the window of the call from the start
 */
export function playedStream(entry: ProcedureEntry, streamWindow: Credit, signal?: AbortSignal) {
  const calls: OutgoingCallEvents[] = []
  const granted: Credit[] = []
  let keptBytes = 0
  const cancelledFor: (RpcError | undefined)[] = []
  const session = {
    call(_options: unknown, events: OutgoingCallEvents) {
      calls.push(events)
      return {
        grant: (credit: Credit) => void granted.push(credit),
        keep(bytes: number) {
          keptBytes += bytes
        },
        mayGrow: () => true,
        grow: () => undefined,
        cancel(reason?: RpcError) {
          cancelledFor.push(reason)
          if (reason !== undefined) events.settled(reason, { kind: 'none' })
        },
      }
    },
  } as unknown as Session
  const services = {
    session,
    signals: new CallsOfSignals(),
    streamWindow,
    fingerprintToSend: () => undefined,
    hookFailed: () => undefined,
    explain: (error: RpcError) => error,
    explainMismatch: (_entry: unknown, error: RpcError) => error,
  }
  const stream = new ItemStream(services, entry, {
    procedure: entry.fullName,
    input: undefined,
    metadata: {},
    windowItems: streamWindow.items,
    windowBytes: streamWindow.bytes,
    signal,
  } as never)
  return {
    stream,
    calls,
    granted,
    cancelledFor,
    /** The bytes that the stream reports as kept, which equal the bytes of its items here. */
    keptBytes: () => keptBytes,
    /** @param bytes the bytes of each item */
    arrive(values: readonly number[], bytes = 1) {
      for (const value of values) calls[0]?.item({ kind: 'value', value }, bytes, bytes)
    },
    end: (error?: RpcError) => calls[0]?.settled(error, { kind: 'none' }),
  }
}
