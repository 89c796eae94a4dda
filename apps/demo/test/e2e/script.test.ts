import { afterEach, describe, expect, test } from 'vitest'
import { Programs } from '../support/program.ts'
import { Scripts, startServer } from '../support/scripts.ts'

const programs = new Programs()
const scripts = new Scripts()

afterEach(async () => {
  await programs.endAll()
  await scripts.remove()
})

async function speak(port: string, name: string, lines: readonly string[]) {
  const program = programs.chat('--name', name, '--port', port, '--script', await scripts.write(lines))
  const { exitCode } = await program.end()
  return { exitCode, rows: program.rows, errors: program.errors, program }
}

describe('A script', () => {
  test('with every command prints the transcript and leaves in order', { timeout: 120_000 }, async () => {
    const { port } = await startServer(programs)
    const { exitCode, rows, errors } = await speak(port, 'bot', [
      'hello',
      '',
      '# said, not a comment',
      '//who is said, too',
      '/wait 20',
      '/expect bot: hello',
      '/expect # said',
      '/who',
      '/expect (1): bot',
      '/help',
      '/expect /join ROOM',
      '/join other',
      '/expect * bot joined other',
      '/quit',
      'never said',
    ])
    expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: '' })
    expect(rows).toEqual([
      '* bot joined lobby',
      '* In lobby (1): bot',
      'bot: hello',
      'bot: # said, not a comment',
      'bot: /who is said, too',
      '* In lobby (1): bot',
      '* /join ROOM        go to another room',
      '* /who              list the members of this room',
      '* /older            show earlier lines (PageUp does this on a screen)',
      '* /send FILE        offer a file to this room',
      '* /take [N] [PATH]  take file N, as PATH or under its own name',
      '* /decline [N]      decline file N, so that others do not wait',
      '* /files            list offered files and running transfers',
      '* /cancel [N]       take back your file N, or stop taking file N',
      '* /stats            show calls, events and bytes of the servers',
      '* /help             list the commands',
      '* /quit             leave the chat (Ctrl-C does the same)',
      '* /wait MS          wait for MS milliseconds',
      '* /expect TEXT      wait up to 10 s for a line with TEXT',
      '* //text            say a line that begins with a slash',
      '* bot left lobby',
      '* bot joined other',
      '* In other (1): bot',
      '* bot left other and the chat',
    ])
    const later = await speak(port, 'bot', [
      '/expect bot: hello',
      '/expect bot: # said',
      '/expect * bot joined',
    ])
    expect(later.exitCode).toBe(0)
  })

  test('prints the statistics of the server once', { timeout: 120_000 }, async () => {
    const { port, backend } = await startServer(programs, '--label', 'left rack')
    const { exitCode, rows, errors } = await speak(port, 'bot', ['/stats', 'after'])
    expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: '' })
    expect(rows[2]).toMatch(/^\* server +back end +conns .*calls\/s .*events\/s .*queued +slow/)
    expect(rows[3]).toMatch(new RegExp(`^\\* left rack +${backend} +1 `))
    expect(rows[4]).toBe('bot: after')
    for (const row of rows) expect(row.length).toBeLessThanOrEqual(80)
  })

  test('continues after a refused line, and exits with 1', { timeout: 120_000 }, async () => {
    const { port } = await startServer(programs)
    const witness = programs.chat('--name', 'witness', '--port', port)
    await witness.says('* In lobby (1): witness')
    const { exitCode, rows, errors } = await speak(port, 'bot', [
      'before',
      '\u001b[2Jescape',
      '\u202eoverride',
      'x'.repeat(1_001),
      '/nonsense',
      '/join two words',
      '/wait soon',
      'after',
    ])
    expect(exitCode).toBe(1)
    expect(rows.slice(2, -1)).toEqual([
      'bot: before',
      expect.stringMatching(
        /^! A line must not contain control characters or terminal escapes \(U\+001B at character 1\)/,
      ),
      expect.stringMatching(
        /^! A line must not contain invisible or direction-changing characters \(U\+202E/,
      ),
      '! A line may have at most 1,000 characters; this one has 1,001. Send it in parts.',
      '! There is no command /nonsense. /help lists the commands.',
      expect.stringMatching(/^! A room must begin with a letter or a digit/),
      '! /wait needs an integer from 0 to 600000, in milliseconds, for example /wait 200.',
      'bot: after',
    ])
    expect(errors).toContain(
      'Lines 2, 3, 4, 5, 6, 7 could not be executed. The rows with ! above give the reason.',
    )
    await witness.says('* bot left lobby and the chat')
    expect(witness.rows.slice(2)).toEqual([
      '* bot joined lobby',
      'bot: before',
      'bot: after',
      '* bot left lobby and the chat',
    ])
  })

  test('fails after 10 s if an expected line does not arrive, or arrived before', {
    timeout: 120_000,
  }, async () => {
    const { port } = await startServer(programs)
    const startedAtMs = performance.now()
    const { exitCode, rows, errors } = await speak(port, 'bot', [
      'one',
      'two',
      '/expect bot: two',
      '/expect bot: one',
      'never said',
    ])
    expect(exitCode).toBe(1)
    expect(performance.now() - startedAtMs).toBeGreaterThan(10_000)
    expect(rows.slice(-2)).toEqual([
      '! No line contained "bot: one" within 10 s. The last line was: bot: two',
      '* bot left lobby and the chat',
    ])
    expect(errors).toContain('The script failed at line 4')
  })

  test('that does not wait for a lost server ends with a sentence, whatever it was waiting for', {
    timeout: 120_000,
  }, async () => {
    const { port, program: server } = await startServer(programs)
    const path = await scripts.write(['/wait 60000'])
    const bot = programs.chat('--name', 'bot', '--port', port, '--script', path, '--reconnect-for', '0')
    await bot.says('* In lobby (1): bot')
    server.kill('SIGKILL')
    expect((await bot.end()).exitCode).toBe(1)
    expect(bot.errors).toMatch(
      /^Frameport chat: The connection to the server was lost \(CONNECTION_LOST\)\./m,
    )
    expect(bot.errors).not.toMatch(/^\s+at /m)
  })
})

describe('Lines from a pipe', () => {
  test('are said like typed ones, until its end', { timeout: 120_000 }, async () => {
    const { port } = await startServer(programs)
    const piped = programs.chat('--name', 'piped', '--port', port)
    piped.write('one\ntwo\n/who\nunfinished')
    piped.endInput()
    expect((await piped.end()).exitCode).toBe(0)
    expect(piped.rows.slice(2)).toEqual([
      'piped: one',
      'piped: two',
      '* In lobby (1): piped',
      'piped: unfinished',
      '* piped left lobby and the chat',
    ])
  })

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    'end on %s with a goodbye and no stack trace',
    { timeout: 120_000 },
    async (signal, exitCode) => {
      const { port } = await startServer(programs)
      const piped = programs.chat('--name', 'piped', '--port', port)
      await piped.says('* In lobby (1): piped')
      piped.kill(signal)
      expect((await piped.end()).exitCode).toBe(exitCode)
      expect(piped.rows.at(-1)).toBe('* piped left lobby and the chat')
      expect(piped.errors).toBe('')
    },
  )
})
