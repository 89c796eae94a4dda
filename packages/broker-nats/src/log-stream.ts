import {
  DiscardPolicy,
  JetStreamApiError,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
  type StreamInfo,
} from '@nats-io/jetstream'
import { nanos } from '@nats-io/transport-node'
import type { CheckedLog } from './check-options.ts'
import { NatsBrokerError } from './nats-broker-error.ts'
import { logIdOf, newStreamName } from './subjects.ts'

/** JetStream errors that are not failures here (server/errors.json of nats-server). */
const streamNotFound = 10059
const subjectsOverlap = 10065

/** Headers with JetStream's facts about a stored message, and with the conditions that it must check. */
export const messageHeaders = {
  expectedStream: 'Nats-Expected-Stream',
  messageId: 'Nats-Msg-Id',
  stream: 'Nats-Stream',
  sequence: 'Nats-Sequence',
  lastSequence: 'Nats-Last-Sequence',
} as const

/**
 * If two servers open a log at the same time, both create a stream. One of them finds that of the other, at the second
 * attempt at the latest.
 */
const attemptsMax = 3

/** The stream in which a log is kept, and the subjects on which JetStream republishes stored events. */
export interface LogPlaces {
  /** The prefix of the names of its streams. */
  readonly base: string
  /** `frameport.log.events`: the prefix of the subjects of appended events. */
  readonly kept: string
  /** `frameport.told.events`: the prefix of the subjects for followers. */
  readonly told: string
}

export function logPlaces(prefix: string, name: string): LogPlaces {
  return { base: `${prefix}-${name}`, kept: `${prefix}.log.${name}`, told: `${prefix}.told.${name}` }
}

/** The stream that keeps a log, while it exists. */
export interface LogStream {
  readonly name: string
  readonly id: Uint8Array
  /** The number of the last event when the stream was opened. */
  readonly last: number
  /** The limit of events per topic. */
  readonly topicEventsMax: number
  /** A smaller limit that the stream had before. */
  readonly earlier: TopicLimit | undefined
}

/** @throws NatsBrokerError `LOG_REFUSED`, `JETSTREAM_OFF`, and errors of the manager */
export async function openStream(
  manager: JetStreamManager,
  places: LogPlaces,
  options: CheckedLog,
): Promise<LogStream> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const found = await findStream(manager, places)
      if (found !== undefined) return opened(places, await adjusted(manager, found, options))
      return opened(places, await manager.streams.add(configuration(places, options)))
    } catch (error) {
      const isRace = isApiError(error, subjectsOverlap) || isStreamGone(error)
      if (!isRace || attempt >= attemptsMax) throw explainedLogError(error)
    }
  }
}

/** The stream of a request does not exist. */
export function isStreamGone(error: unknown): boolean {
  return isApiError(error, streamNotFound)
}

export function explainedLogError(error: unknown): unknown {
  if (error instanceof JetStreamApiError) {
    return new NatsBrokerError('LOG_REFUSED', `JetStream says: ${error.message}`, { cause: error })
  }
  const isOff = error instanceof Error && error.name === 'JetStreamNotEnabled'
  return isOff ? new NatsBrokerError('JETSTREAM_OFF', undefined, { cause: error }) : error
}

function isApiError(error: unknown, code: number): boolean {
  return error instanceof JetStreamApiError && error.code === code
}

async function findStream(manager: JetStreamManager, places: LogPlaces): Promise<StreamInfo | undefined> {
  const [name] = await manager.streams.names(`${places.kept}.>`).next()
  if (name === undefined) return undefined
  if (logIdOf(places.base, name) === undefined) {
    throw new NatsBrokerError(
      'LOG_REFUSED',
      `Another stream, ${name}, already has the subjects ${places.kept}.>`,
    )
  }
  return manager.streams.info(name)
}

function opened(places: LogPlaces, { config, state }: StreamInfo): LogStream {
  const id = logIdOf(places.base, config.name)
  if (id === undefined)
    throw new NatsBrokerError('LOG_REFUSED', `The stream has the unexpected name ${config.name}`)
  return {
    name: config.name,
    id,
    last: state.last_seq,
    topicEventsMax: config.max_msgs_per_subject,
    earlier: earlierLimit(config.description),
  }
}

type Configuration = Partial<StreamConfig> & { name: string; subjects: string[] }

function configuration(places: LogPlaces, options: CheckedLog): Configuration {
  return {
    name: newStreamName(places.base),
    subjects: [`${places.kept}.>`],
    republish: { src: `${places.kept}.>`, dest: `${places.told}.>` },
    storage: options.storage === 'memory' ? StorageType.Memory : StorageType.File,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.Old,
    ...changeable(options),
    description: description(),
  }
}

function changeable({ limits, replicas, rememberIdsMs }: CheckedLog) {
  return {
    max_age: nanos(limits.ageMs),
    max_msgs: limits.eventsMax,
    max_bytes: limits.bytesMax,
    max_msgs_per_subject: limits.topicEventsMax,
    duplicate_window: nanos(rememberIdsMs),
    num_replicas: replicas,
  }
}

/** Returns the stream, changed to the limits of this server. */
async function adjusted(
  manager: JetStreamManager,
  { config, state, ...rest }: StreamInfo,
  options: CheckedLog,
): Promise<StreamInfo> {
  if (config.storage !== options.storage) {
    throw new NatsBrokerError(
      'LOG_REFUSED',
      `The log already exists with storage: '${config.storage}', which cannot be changed. Delete the stream ${config.name} if its events are not needed`,
    )
  }
  const wanted: Partial<StreamConfig> = changeable(options)
  const present: Partial<StreamConfig> = config
  const names = Object.keys(wanted) as (keyof StreamConfig)[]
  if (names.every((name) => wanted[name] === present[name])) return { ...rest, config, state }
  const limit = config.max_msgs_per_subject
  if (options.limits.topicEventsMax > limit) {
    const earlier = Math.min(limit, earlierLimit(config.description)?.limit ?? limit)
    wanted.description = description({ limit: earlier, until: state.last_seq })
  }
  return manager.streams.update(config.name, wanted)
}

/**
 * The only sign that a topic has lost events to its limit is that it has as many events as the limit allows. After the
 * limit was raised, this test fails for earlier positions, so the stream remembers the old limit.
 */
interface TopicLimit {
  readonly limit: number
  /** The last event to which it applied. */
  readonly until: number
}

function description(earlier?: TopicLimit): string {
  const text = 'Events that Frameport keeps'
  return earlier === undefined ? text : `${text}; ${earlier.limit} of a topic up to ${earlier.until}`
}

function earlierLimit(text: string | undefined): TopicLimit | undefined {
  const match = /; (\d+) of a topic up to (\d+)$/.exec(text ?? '')
  return match === null ? undefined : { limit: Number(match[1]), until: Number(match[2]) }
}
