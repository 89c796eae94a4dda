import { describeValue, missingMethods, shapes } from './check-value.ts'
import { reading } from './unreadable.ts'

/** The data of a FrameChannel, which a ByteStream does not have. */
const channelData = ['receiveBytesMax', 'sendBytesMax', 'frameOverheadBytes'] as const

/**
 * Describes what is wrong with a value that must be a FrameChannel; undefined if nothing is.
 *
 * @throws Unreadable
 */
export function wrongChannel(name: string, value: unknown): string | undefined {
  const problem = missingMethods(name, value ?? null, shapes.channel)
  if (problem !== undefined) return problem
  const missing = [...channelData, 'queuedBytes'].filter((member) => !has(name, value, member))
  if (missing.length === 0) return undefined
  return `${name} is ${describeValue(value)} without ${missing.join(' and ')}, not ${shapes.channel.what}`
}

/**
 * Returns what is wrong with a value that must be a FrameChannel or a ByteStream; undefined if it is right. A value
 * with some of the members that only a channel has is checked as a channel.
 *
 * @throws Unreadable if a getter throws: see `checking`
 */
export function wrongConnection(name: string, value: unknown): string | undefined {
  if (isObject(value) && channelData.some((member) => has(name, value, member)))
    return wrongChannel(name, value)
  if (value === undefined) return `${name} is undefined, not ${shapes.stream.what}`
  return missingMethods(name, value, shapes.stream)
}

function has(name: string, value: unknown, member: string): boolean {
  return reading(name, () => isObject(value) && member in value)
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}
