import { describe, expect, test } from 'vitest'
import { limits } from '../../src/limits.ts'
import { commandNames, helpLines, readInput } from '../../src/terminal/input.ts'

describe('A line of a script', () => {
  test.each([
    ['hello', { kind: 'say', text: 'hello' }],
    ['  indented  ', { kind: 'say', text: '  indented' }],
    ['a\tb', { kind: 'say', text: 'a b' }],
    ['# not a comment', { kind: 'say', text: '# not a comment' }],
    ['//join is said', { kind: 'say', text: '/join is said' }],
    ['', { kind: 'nothing' }],
    ['   ', { kind: 'nothing' }],
    ['/join dev', { kind: 'join', room: 'dev' }],
    ['/JOIN  Dev ', { kind: 'join', room: 'Dev' }],
    ['/join two words', { kind: 'join', room: 'two words' }],
    ['/who', { kind: 'who' }],
    ['/stats', { kind: 'stats' }],
    ['/help', { kind: 'help' }],
    ['/quit', { kind: 'quit' }],
    ['/wait 0', { kind: 'wait', waitMs: 0 }],
    ['/wait 200', { kind: 'wait', waitMs: 200 }],
    [`/wait ${limits.waitMsMax}`, { kind: 'wait', waitMs: limits.waitMsMax }],
    ['/expect alice: hi there', { kind: 'expect', text: 'alice: hi there' }],
    ['/expect * bot joined', { kind: 'expect', text: '* bot joined' }],
  ])('%j is understood', (line, input) => {
    expect(readInput(line, true)).toEqual(input)
  })

  test.each([
    ['/join', 'which room'],
    ['/nonsense', 'There is no command /nonsense.'],
    ['/NonSense at all', 'There is no command /NonSense.'],
    ['/', 'There is no command /.'],
    ['/constructor', 'There is no command /constructor.'],
    ['/\u001b[2J', 'There is no command'],
    [`/${'x'.repeat(999)}`, `There is no command /${'x'.repeat(32)}….`],
    ['/who lobby', 'takes no arguments'],
    ['/stats all', 'takes no arguments'],
    ['/wait', 'milliseconds'],
    ['/wait soon', 'milliseconds'],
    ['/wait -1', 'milliseconds'],
    [`/wait ${limits.waitMsMax + 1}`, 'milliseconds'],
    ['/wait 99999999999999999999', 'milliseconds'],
    ['/expect', 'what to expect'],
    ['/expect   ', 'what to expect'],
  ])('%j causes a fault with a sentence', (line, part) => {
    expect(readInput(line, true)).toMatchObject({ kind: 'fault', sentence: expect.stringContaining(part) })
  })
})

describe('A line of a person', () => {
  test.each(['/wait 200', '/expect hello'])('%s is refused, because it is for scripts', (line) => {
    expect(readInput(line, false)).toMatchObject({
      kind: 'fault',
      sentence: expect.stringContaining('script'),
    })
  })

  test('has fewer commands than a script, as the help shows', () => {
    expect(commandNames(false)).toEqual([
      '/join',
      '/who',
      '/older',
      '/send',
      '/take',
      '/decline',
      '/files',
      '/cancel',
      '/stats',
      '/help',
      '/quit',
    ])
    expect(commandNames(true)).toEqual([...commandNames(false), '/wait', '/expect'])
    expect(helpLines(false)).toHaveLength(12)
    for (const name of commandNames(true)) expect(helpLines(true).join('\n')).toContain(name)
  })
})
