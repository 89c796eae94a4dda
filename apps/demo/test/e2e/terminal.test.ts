import { createServer, implement } from '@frameport/server'
import { afterEach, describe, expect, test } from 'vitest'
import { typescriptArguments } from '../../../../tests/support/typescript-arguments.ts'
import { chat } from '../../src/chat-contract.ts'
import { limits } from '../../src/limits.ts'
import { noFigures } from '../support/no-figures.ts'
import { noFiles } from '../support/no-files.ts'
import { Programs } from '../support/program.ts'
import { Scripts, startServer } from '../support/scripts.ts'

const programs = new Programs()
const scripts = new Scripts()

afterEach(async () => {
  await programs.endAll()
  await scripts.remove()
})

/** The rows that begin with this text. */
const beginning = (rows: readonly string[], start: string) => rows.filter((row) => row.startsWith(start))

describe('A window that changes its size', () => {
  test('shows one status and one complete line after it was narrowed and widened', {
    timeout: 120_000,
  }, async () => {
    const { port } = await startServer(programs)
    const alice = programs.chatOnTerminal(80, ['--name', 'alice', '--port', port])
    await alice.endsWith('alice ›')
    alice.type('a half-typed line that needs two rows of forty columns')
    await alice.endsWith('forty columns')
    for (const [columns, rows] of [
      [70, 24],
      [55, 24],
      [40, 10],
      [24, 10],
      [80, 24],
      [40, 10],
    ] as const) {
      alice.resize(columns, rows)
      const line = `alice › a half-typed line that needs two rows of forty columns`
      await alice.until(`the line in ${columns} columns`, ({ visibleRows }) => {
        const status = beginning(visibleRows, '──')
        const typed = visibleRows.slice(visibleRows.findIndex((row) => row.startsWith('──')) + 1)
        const whole = typed
          .map((row, index) => (index < typed.length - 1 ? row.padEnd(columns) : row))
          .join('')
        return status.length === 1 && status[0]?.length === columns - 1 && whole === line
      })
    }
    alice.type('!\r')
    await alice.shows('alice: a half-typed line')
    await alice.endsWith('alice ›')
    expect(beginning(alice.screen.visibleRows, 'alice ›')).toHaveLength(1)
  })
})

/** The options of a terminal that ends with its connection. */
const onceOnly = ['--reconnect-for', '0']

describe('A terminal that has lost its server, and does not wait for it', () => {
  test('keeps the half-typed line on the screen', { timeout: 120_000 }, async () => {
    const { port, program } = await startServer(programs)
    const alice = programs.chatOnTerminal(120, ['--name', 'alice', '--port', port, ...onceOnly])
    await alice.endsWith('alice ›')
    alice.type('what I wanted to say')
    await alice.endsWith('to say')
    program.kill('SIGKILL')
    expect((await alice.program.end()).exitCode).toBe(1)
    expect(alice.screen.rows.slice(-2)).toEqual([
      'alice › what I wanted to say',
      expect.stringMatching(/^Frameport chat: The connection to the server was lost/),
    ])
    expect(beginning(alice.screen.rows, '──')).toEqual([])
  })

  test('keeps the lines that the server had not accepted', { timeout: 120_000 }, async () => {
    const server = createServer(
      implement(chat).handlers({
        rooms: {
          join: ({ input }) => ({ room: input.room, name: input.name, members: ['bot'] }),
          history: () => ({ log: '', lines: [], isStart: true }),
          who: () => ({ members: ['bot'] }),
        },
        // The first line makes the server close the connection.
        lines: { say: ({ connection }) => void connection.close() as never, typing: () => {} },
        files: noFiles,
        figures: noFigures,
        quit: () => {},
      }),
      { authorizeSubscribe: () => true },
    )
    const { endpoint } = await server.listen('tcp://127.0.0.1:0')
    const port = endpoint.kind === 'tcp' ? String(endpoint.port) : ''
    const alice = programs.chatOnTerminal(60, ['--name', 'alice', '--port', port, ...onceOnly])
    await alice.endsWith('alice ›')
    alice.type('first\rsecond\rthird, half')
    expect((await alice.program.end()).exitCode).toBe(1)
    expect(beginning(alice.screen.rows, 'alice ›')).toEqual([
      'alice › first',
      'alice › second',
      'alice › third, half',
    ])
    await server.close()
  })
})

describe('A refused line', () => {
  test('returns to the input line, and a wrong command is quoted', { timeout: 120_000 }, async () => {
    const { port } = await startServer(programs)
    const alice = programs.chatOnTerminal(60, ['--name', 'alice', '--port', port])
    await alice.endsWith('alice ›')
    alice.type('/bogus now\r')
    await alice.shows('! There is no command /bogus. /help lists')
    alice.type('a\u202eb\r')
    await alice.shows('! A line must not contain')
    await alice.endsWith('alice › a<U+202E>b')
    alice.type('\u001b[D\u007f\r')
    await alice.shows('alice: ab')
    await alice.endsWith('alice ›')
  })
})

describe('A server in a terminal', () => {
  test('closes in order when its window is closed', { timeout: 120_000 }, async () => {
    const server = programs.serverOnTerminal(100, ['--port', '0'])
    // With the space after it, because a terminal may show a row in parts.
    const listening = /127\.0\.0\.1:(\d+) /
    await server.until('its port', ({ text }) => listening.test(text))
    const port = listening.exec(server.screen.text)?.[1] ?? ''
    const guest = programs.chat('--name', 'guest', '--port', port, ...onceOnly)
    await guest.says('* guest joined lobby')
    server.hangUp()
    expect((await server.program.end()).exitCode).toBe(129)
    expect((await guest.end()).exitCode).toBe(1)
    expect(guest.errors).toBe('Frameport chat: The server has closed the chat.\n')
  })
})

describe('A terminal that is too slow', () => {
  test('shows where lines were left out', { timeout: 120_000 }, async () => {
    const server = createServer(
      implement(chat).handlers({
        rooms: {
          join: ({ input }) => ({ room: input.room, name: input.name, members: ['bot'] }),
          history: () => ({ log: '', lines: [], isStart: true }),
          who: () => ({ members: ['bot'] }),
        },
        lines: { say: () => ({ lineNumber: 1 }), typing: () => {} },
        files: noFiles,
        figures: noFigures,
        quit: () => {},
      }),
      { authorizeSubscribe: () => true, limits: { slowSubscriberBytesMax: 65_536 } },
    )
    const { endpoint } = await server.listen('tcp://127.0.0.1:0')
    const port = endpoint.kind === 'tcp' ? String(endpoint.port) : ''
    const alice = programs.chatOnTerminal(100, ['--name', 'alice', '--port', port])
    await alice.endsWith('alice ›')
    alice.type('half')
    await alice.endsWith('half')
    await alice.stop()
    const text = 'x'.repeat(limits.lineCharactersMax)
    while (server.stats().events.leftOut === 0) {
      void server.publish(chat.events.line, { room: 'lobby' }, { atMs: 0, name: 'bot', text })
      await new Promise((resolve) => setImmediate(resolve))
    }
    await alice.goOn()
    await alice.until('the gap', ({ text: shown }) => {
      return /\* (?:A line is|\d+ lines are) missing here: this terminal did not keep up\./.test(shown)
    })
    await alice.endsWith('alice › half')
    alice.type('\u0003')
    expect((await alice.program.end()).exitCode).toBe(0)
    await server.close()
  })
})

describe('A chat in a shell', () => {
  test.each([
    ['npm run chat', ['npm', 'run', '-s', 'chat', '--']],
    ['the program itself', ['node', ...typescriptArguments, 'apps/demo/src/terminal/main.ts']],
  ])(
    'as %s stops after Ctrl-Z, and fg restores it with the half-typed line',
    {
      timeout: 180_000,
    },
    async (_name, command) => {
      const { port } = await startServer(programs)
      const settings = await scripts.write(["PS1='prompt$ '"])
      const shell = programs.onTerminal({ columns: 100 }, 'bash', '--rcfile', settings, '-i')
      await shell.endsWith('prompt$')
      shell.type(`${command.join(' ')} --name alice --port ${port}\r`)
      await shell.endsWith('alice ›')
      for (const part of ['half', ' of it', ' and the rest']) {
        const before = shell.screen.text.split('Stopped').length
        shell.type(part)
        await shell.endsWith(part)
        shell.type('\u001a')
        await shell.until('the prompt of the shell', ({ text }) => {
          return text.split('Stopped').length > Math.min(before, 1) && text.endsWith('prompt$')
        })
        shell.type('echo the shell "works"\r')
        await shell.shows('the shell works')
        shell.type('fg\r')
        await shell.endsWith(part)
      }
      shell.type('\r')
      await shell.shows('alice: half of it and the rest')
      shell.type('\u0003')
      await shell.endsWith('prompt$')
      shell.type('echo "code $?"; exit\r')
      await shell.shows('code 0')
      await shell.program.end()
    },
  )

  test.each([
    ['on a screen', { TERM: 'xterm-256color' }],
    ['as rows', { TERM: 'dumb' }],
    ['on a screen that sends no signal', { TERM: 'xterm-256color', BORROWED_TERMINAL: 'yes' }],
    ['as rows without a signal', { TERM: 'dumb', BORROWED_TERMINAL: 'yes' }],
  ])('%s leaves with a goodbye when its window is closed', { timeout: 120_000 }, async (_how, env) => {
    const { port, program } = await startServer(programs)
    const witness = programs.chat('--name', 'witness', '--port', port)
    await witness.says('* In lobby (1): witness')
    const alice = programs.chatOnTerminal(60, ['--name', 'alice', '--port', port], env)
    await witness.says('* alice joined lobby')
    alice.type('half a sen')
    await alice.shows('half a sen')
    alice.hangUp()
    expect((await alice.program.end()).exitCode).toBe(129)
    await witness.says('* alice left lobby and the chat')
    expect(program.errors).toBe('')
  })
})
