import { describeValue, wrongRecord } from '@frameport/framing/checks'
import { reading } from './unreadable.ts'

export { describeValue, wrongRecord }

/** A type that options and arguments have. A record is an object whose own members are read by name. */
export type ValueKind = 'function' | 'object' | 'record' | 'boolean' | 'string'

/**
 * Returns what is wrong with a value that must have a type; undefined if it is right or was left out.
 *
 * @throws Unreadable if a getter throws: see `checking`
 */
export function wrongKind(name: string, value: unknown, kind: ValueKind): string | undefined {
  if (kind === 'record') {
    const problem = value === undefined ? undefined : reading(name, () => wrongRecord(value))
    return problem === undefined ? undefined : `${name} is ${problem}`
  }
  if (
    value === undefined ||
    (typeof value === kind && value !== null && !reading(name, () => Array.isArray(value)))
  )
    return undefined
  return `${name} is ${describeValue(value)}, not ${kind === 'object' ? 'an' : 'a'} ${kind}`
}

/** Returns what is wrong with a value that must be one of these strings; undefined if it is right or was left out. */
export function wrongChoice(name: string, value: unknown, choices: readonly string[]): string | undefined {
  if (value === undefined || choices.includes(value as string)) return undefined
  return `${name} is ${describeValue(value)}, not one of ${choices.join(', ')}`
}

/**
 * Returns what is wrong with a value that must be an object with these methods; undefined if it is right or was left
 * out.
 *
 * @param what the name of such an object: `a ByteStream`
 * @throws Unreadable if a getter throws: see `checking`
 */
export function missingMethods(
  name: string,
  value: unknown,
  { what, methods }: { readonly what: string; readonly methods: readonly string[] },
): string | undefined {
  if (value === undefined) return undefined
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) {
    return `${name} is ${describeValue(value)}, not ${what}`
  }
  const given = value as Record<string, unknown>
  const missing = methods.filter(
    (method) => reading(`${name}.${method}`, () => typeof given[method]) !== 'function',
  )
  if (missing.length === 0) return undefined
  return `${name} is ${describeValue(value)} without the methods ${missing.join(', ')}, not ${what}`
}

/**
 * Returns what is wrong with metadata, which must be an object of strings; undefined if they are right or were left
 * out.
 *
 * @throws Unreadable if a getter throws: see `checking`
 */
export function wrongMetadata(metadata: unknown): string | undefined {
  const problem = wrongKind('metadata', metadata, 'record')
  if (problem !== undefined || metadata === undefined) return problem
  for (const [key, value] of reading('metadata', () => Object.entries(metadata as object))) {
    if (typeof value !== 'string') {
      return `metadata[${describeValue(key)}] is ${describeValue(value)}, not a string`
    }
  }
  return undefined
}

/** The methods of objects that several packages take, for {@link missingMethods}. */
export const shapes = {
  stream: { what: 'a ByteStream', methods: ['start', 'send', 'drained', 'pause', 'resume', 'end', 'abort'] },
  channel: {
    what: 'a FrameChannel',
    methods: ['start', 'send', 'drained', 'pause', 'resume', 'end', 'abort'],
  },
  completionPort: { what: 'a CompletionPort', methods: ['listen', 'connect', 'close'] },
  environment: { what: 'a SessionEnvironment', methods: ['nowMs', 'setTimer', 'random'] },
  signal: { what: 'an AbortSignal', methods: ['addEventListener', 'removeEventListener'] },
} as const
