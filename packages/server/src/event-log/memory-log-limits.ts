import { checking, readOnce, splitLimits, unknownName, wrongKind } from '@frameport/protocol/checks'
import { refusal, refuse } from '../check-options.ts'
import { ServerError } from '../server-error.ts'

/** What a log in memory keeps at most. Each is a whole number from 1 to 2^53 − 1. */
export interface MemoryLogLimits {
  /** Events of all topics together. One more takes the place of the oldest. */
  readonly eventsMax: number
  /** Bytes of their payloads, and 256 for what holds each. What is over it takes the place of the oldest. */
  readonly bytesMax: number
  /** Events of one topic. One more takes the place of its oldest. */
  readonly topicEventsMax: number
  /** Topics. A further one takes the place of the one in which nothing was published for longest. */
  readonly topicsMax: number
}

export const memoryLogLimits: MemoryLogLimits = {
  /** A hundred topics that are full, or ten of each topic that there may be. */
  eventsMax: 100_000,
  /** A quarter of what the connections of a server may hold; some 400 bytes for the payload of each event. */
  bytesMax: 64 * 1024 * 1024,
  /** What a busy room says in some minutes, for clients that are away for half a minute. */
  topicEventsMax: 1_000,
  /** As many rooms as a server has connections. Each costs some 300 bytes when it is empty. */
  topicsMax: 10_000,
}

export interface MemoryEventLogOptions {
  readonly limits?:
    | { readonly [Name in keyof MemoryLogLimits]?: MemoryLogLimits[Name] | undefined }
    | undefined
}

/** @throws ServerError `INVALID_LIMITS`, `INVALID_OPTION` */
export function resolveMemoryLogLimits(options: MemoryEventLogOptions): MemoryLogLimits {
  return checking(() => {
    refuse(wrongKind('the options of memoryEventLog', options, 'object'))
    refuse(unknownName('options', options, ['limits']))
    const { limits = {} } = readOnce(options, ['limits'])
    refuse(wrongKind('limits', limits, 'object'))
    const { own } = splitLimits(limits, {
      own: memoryLogLimits,
      session: {},
      checkSession: () => undefined,
      refusal: (problem, more) => new ServerError('INVALID_LIMITS', problem, more),
    })
    return own
  }, refusal)
}
