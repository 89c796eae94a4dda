import { describeValue } from '@frameport/protocol/checks'
import type { EventToLog, LogFollower, LoggedTopic, LogQuery } from '@frameport/server'
import { refusal } from './options.ts'
import { encodingNumber } from './pack.ts'

/** What the seam of logs allows. */
const idLengthMax = 256

/** @throws SqliteLogError `INVALID_OPTION` */
export function checkTopic({ event, topic }: LoggedTopic): void {
  checkText('event', event)
  checkText('topic', topic)
}

/** @throws SqliteLogError `INVALID_OPTION` */
export function checkEvent(event: EventToLog): void {
  checkTopic(event)
  const { body, id } = event
  if (!(body?.bytes instanceof Uint8Array)) {
    throw refusal(`body.bytes is ${describeValue(body?.bytes)}, not a Uint8Array`)
  }
  if (encodingNumber(body.encoding) < 0) {
    throw refusal(`body.encoding is ${describeValue(body.encoding)}, not one of none, codec, raw`)
  }
  if (id !== undefined && (typeof id !== 'string' || id.length > idLengthMax)) {
    throw refusal(`id is ${describeValue(id)}, not a string of at most ${idLengthMax} characters`)
  }
}

/** @throws SqliteLogError `INVALID_OPTION` */
export function checkQuery(
  query: Pick<LogQuery, 'event' | 'topic' | 'position' | 'eventsMax' | 'bytesMax'>,
): void {
  checkTopic(query)
  for (const name of ['eventsMax', 'bytesMax'] as const) {
    if (typeof query[name] === 'number' && query[name] >= 0) continue
    throw refusal(`${name} is ${describeValue(query[name])}, not a number of 0 or more`)
  }
  const { position } = query
  if (position === undefined) return
  if (!(position?.log instanceof Uint8Array) || !Number.isSafeInteger(position.number)) {
    throw refusal(`position is ${describeValue(position)}, not a position that a log returned`)
  }
}

/** @throws SqliteLogError `INVALID_OPTION` */
export function checkFollower(follower: LogFollower): void {
  for (const name of ['event', 'missed'] as const) {
    if (typeof follower?.[name] === 'function') continue
    throw refusal(`follower.${name} is ${describeValue(follower?.[name])}, not a function`)
  }
}

/** SQLite ends a text at its first NUL, and UTF-8 has no halves of characters. */
const unfit = /[\0\p{Surrogate}]/u

/** A text that SQLite gives back as it was. */
function checkText(name: string, text: unknown): void {
  if (typeof text !== 'string') throw refusal(`${name} is ${describeValue(text)}, not a string`)
  if (unfit.test(text)) {
    throw refusal(
      `${name} is ${describeValue(text)}, which contains a NUL or an unpaired surrogate: names must not`,
    )
  }
}
