/** Characters of a text that an error quotes: enough to recognise it, and no more than a line. */
const quotedLengthMax = 80

/** A kind of value that options and arguments have. */
export type ValueKind = 'function' | 'object' | 'boolean' | 'string'

/** A value as the text of an error shows it: a text in quotes, what is no primitive by its kind. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, quotedLengthMax))
  if (typeof value === 'function') return 'a function'
  if (typeof value !== 'object' || value === null) return String(value)
  const kind = Object.prototype.toString.call(value).slice('[object '.length, -1)
  return `${/^[AEIOU]/i.test(kind) ? 'an' : 'a'} ${kind === 'Object' || kind === 'Array' ? kind.toLowerCase() : kind}`
}

/** What is wrong with a value that has to be of a kind, or undefined. One that is left out is right. */
export function wrongKind(name: string, value: unknown, kind: ValueKind): string | undefined {
  if (value === undefined || (typeof value === kind && value !== null && !Array.isArray(value)))
    return undefined
  return `${name} is ${describeValue(value)}, not ${kind === 'object' ? 'an' : 'a'} ${kind}`
}

/**
 * What is wrong with a value that has to be an object with these methods, or undefined. One that is left out is right.
 *
 * @param what what the methods make of it: `a ByteStream`
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
  const missing = methods.filter((method) => typeof (value as Record<string, unknown>)[method] !== 'function')
  if (missing.length === 0) return undefined
  return `${name} is ${describeValue(value)} without the methods ${missing.join(', ')}, not ${what}`
}

/** What is wrong with metadata, or undefined: it is an object of texts. None is right, too. */
export function wrongMetadata(metadata: unknown): string | undefined {
  const problem = wrongKind('metadata', metadata, 'object')
  if (problem !== undefined || metadata === undefined) return problem
  for (const [key, value] of Object.entries(metadata as object)) {
    if (typeof value !== 'string') {
      return `metadata[${describeValue(key)}] is ${describeValue(value)}, not a string`
    }
  }
  return undefined
}

/** The methods of the objects that several packages take, as {@link missingMethods} asks for them. */
export const shapes = {
  stream: { what: 'a ByteStream', methods: ['start', 'send', 'pause', 'resume', 'end', 'abort'] },
  environment: { what: 'a SessionEnvironment', methods: ['nowMs', 'setTimer', 'random'] },
  signal: { what: 'an AbortSignal', methods: ['addEventListener', 'removeEventListener'] },
} as const
