import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { loggerOf } from '../src/console-logger.ts'

const log = loggerOf(undefined)
let written: [level: string, text: string][] = []

beforeEach(() => {
  written = []
  for (const level of ['debug', 'info', 'warn', 'error'] as const)
    vi.spyOn(console, level).mockImplementation((text) => void written.push([level, text]))
})
afterEach(() => {
  vi.restoreAllMocks()
})

/** An error with everything that the console shows. */
const errorOf = (message: string, more: object = {}) =>
  Object.assign(new Error(message), { stack: `Error: ${message}\n    at ${message}.ts` }, more)

/** What the console shows below the first line. */
function shown(err: unknown): string {
  log.error({ err }, 'it failed')
  const [[, text] = ['', '']] = written.splice(0)
  const [head, ...lines] = text.split('\n')
  expect(head).toBe('[frameport] error: it failed')
  return lines.join('\n')
}

const throwing = () => {
  throw new Error('a getter')
}

describe('An error on the console', () => {
  it('is shown with its code, its stack and its causes, indented below the line', () => {
    const err = errorOf('all', { code: 'E_ALL', cause: errorOf('why', { cause: 'because' }) })
    expect(shown(err)).toBe(
      [
        '    Error: E_ALL: all',
        '        at all.ts',
        '    caused by Error: why',
        '        at why.ts',
        '    caused by "because"',
      ].join('\n'),
    )
  })

  it('shows the errors of an aggregate before its cause', () => {
    const err = errorOf('all', { errors: [errorOf('one'), errorOf('two')], cause: errorOf('why') })
    expect(shown(err).match(/^ {4}\S.*$/gm)).toEqual([
      '    Error: all',
      '    one of them: Error: one',
      '    one of them: Error: two',
      '    caused by Error: why',
    ])
  })

  it('shows at most five causes of a long chain, and 8,000 characters of its stack', () => {
    let err = errorOf('0')
    for (let index = 1; index < 10; index++) err = errorOf(`${index}`, { cause: err })
    expect(shown(err).match(/Error: \d/g)).toEqual(['9', '8', '7', '6', '5'].map((name) => `Error: ${name}`))
    const long = Object.assign(new Error('x'), { stack: `Error: x\n${'y'.repeat(10_000)}` })
    expect(shown(long)).toBe(`    Error: x\n    ${'y'.repeat(8_000 - 'Error: x\n'.length)}`)
  })

  it.each<[string, unknown, string]>([
    ['has no stack', Object.assign(new Error('x'), { stack: undefined }), 'Error: x'],
    ['is a string', 'x', '"x"'],
    ['is null', null, 'null'],
    [
      'is an object with the members of an error',
      { stack: 'a\nb', cause: errorOf('x'), errors: [errorOf('y')] },
      'an object with stack, cause, errors',
    ],
    [
      'cannot be read',
      Object.defineProperties(new Error('x'), { stack: { value: 5 }, name: { get: throwing } }),
      'an error that cannot be shown',
    ],
    [
      'has errors that cannot be read',
      Object.assign(errorOf('x'), { errors: Object.defineProperty([], 0, { get: throwing }) }),
      'Error: x\n        at x.ts',
    ],
  ])('that %s is shown as far as possible', (_, err, text) => {
    expect(shown(err)).toBe(`    ${text}`)
  })
})

it('a warning is one line with the name and message of its error, and lower levels are not written', () => {
  log.debug({}, 'a')
  log.info({}, 'b')
  log.warn({ connection: 'c1', err: errorOf('x', { code: 'E_X' }) }, 'it may fail')
  log.warn({ count: 5, name: 'a b' }, 'it may fail, too')
  expect(written).toEqual([
    ['warn', '[frameport] warn: it may fail connection=c1 err="Error: E_X: x"'],
    ['warn', '[frameport] warn: it may fail, too count=5 name="a b"'],
  ])
})
