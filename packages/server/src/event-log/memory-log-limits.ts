import { checking, readOnce, splitLimits, unknownName, wrongKind } from '@frameport/protocol/checks'
import { refusal, refuse } from '../check-options.ts'
import { ServerError } from '../server-error.ts'

/**
 * The limits of a log in memory. Each is an integer from 1 to 2^53 − 1. When a limit is exceeded, events are removed as
 * described for each.
 */
export interface MemoryLogLimits {
  /** The number of events in all topics. When it is exceeded, the oldest event is removed. Default: 100,000. */
  readonly eventsMax: number
  /**
   * The bytes of their payloads, plus 256 for each event. When it is exceeded, the oldest events are removed. Default:
   * 64 MiB.
   */
  readonly bytesMax: number
  /**
   * The number of events in one topic. When it is exceeded, the oldest event of the topic is removed. Default: 1,000.
   */
  readonly topicEventsMax: number
  /** The number of topics. When it is exceeded, the topic whose newest event is oldest is removed. Default: 10,000. */
  readonly topicsMax: number
}

/** The defaults of {@link MemoryLogLimits}. */
export const memoryLogLimits: MemoryLogLimits = {
  /** A hundred full topics, or ten events in each topic if there are as many as possible. */
  eventsMax: 100_000,
  /** A quarter of what the connections of a server may hold; about 400 bytes for the payload of each event. */
  bytesMax: 64 * 1024 * 1024,
  /** Several minutes of a busy room, for clients that are away for half a minute. */
  topicEventsMax: 1_000,
  /** As many rooms as a server has connections. An empty one costs about 300 bytes. */
  topicsMax: 10_000,
}

/** The options of {@link memoryEventLog}. */
export interface MemoryEventLogOptions {
  /** Limits that differ from the defaults in {@link memoryLogLimits}. */
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
