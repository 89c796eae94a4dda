import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CutProxy } from '../support/cut-proxy.ts'
import { type Program, Programs, type Terminal } from '../support/program.ts'
import { Scripts, startServer } from '../support/scripts.ts'

const programs = new Programs()
const scripts = new Scripts()
let folder = ''
let proxy: CutProxy | undefined

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frameport-outages-'))
})

afterEach(async () => {
  await programs.endAll()
  await proxy?.close()
  proxy = undefined
  await scripts.remove()
  await rm(folder, { recursive: true })
})

/** The lines of the chat on a screen, without the time. */
const saidOn = ({ screen }: Terminal) =>
  screen.rows.filter((row) => /^\d\d:\d\d /.test(row)).map((row) => row.slice(6).trim())
const statusOn = ({ screen }: Terminal) => screen.visibleRows.filter((row) => row.startsWith('──'))

const statusOf = (text: string, columns: number) => `── ${text} `.padEnd(columns - 1, '─')

/** A person at a terminal who has joined the chat. */
async function person(name: string, columns: number, port: string, ...options: string[]): Promise<Terminal> {
  const terminal = programs.chatOnTerminal(columns, ['--name', name, '--port', port, ...options])
  await terminal.endsWith(`${name} ›`)
  return terminal
}

/** Presses Ctrl-C, which ends the chat in order. */
async function leave(terminal: Terminal): Promise<void> {
  terminal.type('\u0003')
  expect((await terminal.program.end()).exitCode).toBe(0)
}

/** Two people at terminals of different widths, after the server has announced both. */
async function two(port: string, otherPort = port) {
  const alice = await person('alice', 100, port)
  const bob = await person('bob', 40, otherPort)
  await alice.shows('── lobby · 2 here ─')
  return { alice, bob }
}

/** A server that keeps its lines, and a function that starts another one at the same port. */
async function restartable() {
  const data = join(folder, 'data')
  const { program, port } = await startServer(programs, '--data', data)
  const again = async (): Promise<Program> => {
    const next = programs.server('--port', port, '--data', data)
    await next.says('Frameport chat listening')
    return next
  }
  return { program, port, again, data }
}

describe('A connection that is cut', () => {
  test('is resumed in the same chat: no line is lost or shown twice, and the half-typed line is kept', {
    timeout: 120_000,
  }, async () => {
    const { port } = await startServer(programs)
    proxy = await CutProxy.open(() => Number(port))
    const { alice, bob } = await two(String(proxy.port), port)
    alice.type('before\r')
    await bob.shows('alice: before')
    alice.type('half a li')
    await alice.endsWith('alice › half a li')

    proxy.cut()
    await alice.until('the outage', ({ text }) => /── lobby · reconnecting … \(\d+ s\) ─/.test(text))
    await alice.endsWith('alice › half a li')
    await bob.until('that alice is away', ({ text }) => text.includes(statusOf('lobby · 1 here, 1 away', 40)))
    bob.type('/who\r')
    await bob.shows('* In lobby (2): alice (away), bob')
    alice.type('ne\rand another\rmore')
    await alice.until('what waits', ({ text }) => /reconnecting … \(\d+ s\) · 2 unsent ─/.test(text))
    await alice.endsWith('alice › more')
    bob.type('meanwhile\r')
    await bob.shows('bob: meanwhile')

    proxy.mend()
    for (const one of [alice, bob]) await one.shows('alice: and another')
    await alice.until('the status', (screen) =>
      screen.text.endsWith(`${statusOf('lobby · 2 here', 100)}\nalice › more`),
    )
    await bob.until('that alice is back', ({ text }) =>
      text.endsWith(`${statusOf('lobby · 2 here', 40)}\nbob ›`),
    )
    const said = ['alice: before', 'bob: meanwhile', 'alice: half a line', 'alice: and another']
    expect(saidOn(alice)).toEqual(said)
    expect(saidOn(bob)).toEqual(said)
    expect(alice.screen.text + bob.screen.text).not.toMatch(/left lobby|restarted|lost/)
  })
})

describe('A person who leaves with /quit', () => {
  test('has said all lines that were entered before', { timeout: 120_000 }, async () => {
    const { port } = await startServer(programs)
    const { alice, bob } = await two(port)
    alice.type('one\rtwo\r/quit\r')
    expect((await alice.program.end()).exitCode).toBe(0)
    await bob.shows('alice left lobby and the chat')
    expect(saidOn(bob)).toEqual(['alice: one', 'alice: two'])
  })
})

describe('A server that is stopped', () => {
  test('is reported as not answering, and lines that were entered meanwhile are said once when it continues', {
    timeout: 120_000,
  }, async () => {
    const { program, port } = await startServer(programs)
    const { alice, bob } = await two(port)
    program.kill('SIGSTOP')
    alice.type('one\rtwo\rhal')
    await alice.until('the silence', ({ text }) =>
      /── lobby · no answer … \(\d+ s\) · 2 unsent ─+\nalice › hal$/.test(text),
    )
    // By then, calls have reached their deadlines.
    await alice.until('the loss', ({ text }) =>
      /── lobby · reconnecting … \(\d+ s\) · 2 unsent ─+\nalice › hal$/.test(text),
    )
    program.kill('SIGCONT')
    for (const one of [alice, bob]) await one.shows('alice: two')
    alice.type('f\r')
    for (const one of [alice, bob]) {
      await one.shows('alice: half')
      expect(saidOn(one)).toEqual(['alice: one', 'alice: two', 'alice: half'])
      expect(one.screen.text).not.toMatch(/^ *!/m)
    }
    await alice.endsWith(`${statusOf('lobby · 2 here', 100)}\nalice ›`)
  })

  test('does not delay Ctrl-C, and the unanswered line stays on the screen', {
    timeout: 120_000,
  }, async () => {
    const { program, port } = await startServer(programs)
    const alice = await person('alice', 100, port)
    program.kill('SIGSTOP')
    alice.type('unsent\r')
    await alice.until('what is unsent', ({ text }) => /no answer … \(\d+ s\) · 1 unsent ─/.test(text))
    await leave(alice)
    expect(alice.screen.rows.slice(-2)).toEqual([
      '               ! The server did not answer. It may be overloaded; try again.',
      'alice › unsent',
    ])
    expect(statusOn(alice)).toEqual([])
  })

  test.each(['SIGSTOP', 'SIGKILL'] as const)(
    'by %s does not delay /quit, although a line waits for its answer',
    { timeout: 120_000 },
    async (signal) => {
      const { program, port } = await startServer(programs)
      const alice = await person('alice', 100, port)
      program.kill(signal)
      // Both at the same time, before the missing answer is noticed.
      alice.type('unsent\r/quit\r')
      expect((await alice.program.end()).exitCode).toBe(0)
      expect(alice.screen.rows.at(-1)).toBe('alice › unsent')
      expect(statusOn(alice)).toEqual([])
    },
  )

  test('does not reduce the time for what a script expects', { timeout: 120_000 }, async () => {
    const { program, port } = await startServer(programs)
    const path = await scripts.write(['/expect piped: late'])
    const piped = programs.chat('--name', 'piped', '--port', port)
    await piped.says('* In lobby (1): piped')
    const bot = programs.chat('--name', 'bot', '--port', port, '--script', path)
    await piped.says('bot joined')
    program.kill('SIGSTOP')
    await bot.says('reconnecting')
    program.kill('SIGCONT')
    piped.write('late\n')
    expect((await bot.end()).exitCode).toBe(0)
    piped.endInput()
    expect((await piped.end()).exitCode).toBe(0)
  })
})

describe('A server that does not return', () => {
  test('ends the chat with a sentence, and unsent lines stay on the screen', {
    timeout: 120_000,
  }, async () => {
    const { program, port } = await startServer(programs)
    const alice = await person('alice', 100, port, '--reconnect-for', '10')
    program.kill('SIGKILL')
    await alice.shows('reconnecting …')
    alice.type('first\rsecond\rthird, ha')
    await alice.shows('third, ha')
    expect((await alice.program.end()).exitCode).toBe(1)
    expect(alice.screen.rows.slice(-5)).toEqual([
      '               ! The connection to the server was lost.',
      'alice › first',
      'alice › second',
      'alice › third, ha',
      'Frameport chat: The connection to the server was lost and did not return within 10 s.',
    ])
    expect(statusOn(alice)).toEqual([])
  })

  test('does not delay Ctrl-C, and unsent lines stay on the screen', {
    timeout: 120_000,
  }, async () => {
    const { program, port } = await startServer(programs)
    const alice = await person('alice', 40, port)
    program.kill('SIGKILL')
    await alice.shows('reconnecting …')
    alice.type('unsent\r')
    await alice.until('what is unsent', ({ text }) => /^── reconnecting ….* · 1 unsent ─/m.test(text))
    // Otherwise it would wait for minutes.
    await leave(alice)
    expect(alice.screen.rows.at(-1)).toBe('alice › unsent')
    expect(statusOn(alice)).toEqual([])
  })
})

describe('A script whose server is restarted', () => {
  test('continues: it says each line once, sees each line once, and exits with 0', {
    timeout: 180_000,
  }, async () => {
    const { program, port, again } = await restartable()
    const path = await scripts.write([
      'one',
      '/expect The connection to the server is lost: reconnecting.',
      'two',
      '/expect * The server has restarted',
      '/expect bot: two',
      '/who',
      '/expect * In lobby (2): bot, piped',
    ])
    const piped = programs.chat('--name', 'piped', '--port', port)
    await piped.says('* In lobby (1): piped')
    const bot = programs.chat('--name', 'bot', '--port', port, '--script', path)
    await piped.says('bot: one')
    program.kill('SIGKILL')
    await bot.says('reconnecting')
    piped.write('three\n')
    await again()
    expect((await bot.end()).exitCode).toBe(0)
    // A member that reconnects after the other has left does not see that.
    await piped.says('piped: three')
    await piped.says('bot: two')
    piped.endInput()
    expect((await piped.end()).exitCode).toBe(0)
    for (const said of ['bot: one', 'bot: two', 'piped: three'])
      expect(piped.rows.filter((row) => row === said)).toHaveLength(1)
    for (const said of ['bot: one', 'bot: two'])
      expect(bot.rows.filter((row) => row === said)).toHaveLength(1)
    expect(bot.errors + piped.errors).toBe('')
  })
})

describe('A server that is restarted', () => {
  test.each(['SIGKILL', 'SIGTERM'] as const)(
    'by %s: all members return with the same names, and see each line once',
    {
      timeout: 180_000,
    },
    async (signal) => {
      const { program, port, again } = await restartable()
      const { alice, bob } = await two(port)
      alice.type('before\r')
      await bob.shows('alice: before')
      bob.type('half')
      await bob.endsWith('bob › half')

      program.kill(signal)
      await program.exited
      await alice.until('the outage', ({ text }) => /── lobby · reconnecting … \(\d+ s\) ─/.test(text))
      await bob.until('the outage', ({ text }) => /── lobby · reconnecting … \(\d+ s\) ─/.test(text))
      alice.type('meanwhile\r')
      await again()
      await alice.shows('alice: meanwhile')
      await bob.shows('alice: meanwhile')
      bob.type(' a line\r')
      await alice.shows('bob: half a line')
      await bob.shows('bob: half a line')
      for (const one of [alice, bob])
        await one.until(
          'both',
          () => statusOn(one).length === 1 && statusOn(one)[0]?.startsWith('── lobby · 2 here ─') === true,
        )
      const said = ['alice: before', 'alice: meanwhile', 'bob: half a line']
      expect(saidOn(alice)).toEqual(said)
      expect(saidOn(bob)).toEqual(said)
      expect(alice.screen.text).toContain('* The server has restarted: no line came meanwhile.')
      expect(alice.screen.text).not.toContain('left lobby')
      expect(alice.screen.text.match(/bob joined lobby/g)).toHaveLength(1)
      await leave(alice)
      await bob.shows('alice left lobby and the chat')
    },
  )
})
