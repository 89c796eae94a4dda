import { createClient, safe } from '@frameport/client'
import { createServer, implement } from '@frameport/server'
import { afterEach, describe, expect, test } from 'vitest'
import { chat } from '../../src/chat-contract.ts'
import { limits } from '../../src/limits.ts'
import { garbage, sendGarbage } from '../support/hostile.ts'
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

/** Every character that can control a terminal, none of which may be in a transcript. */
const acting = /[^\n\P{Cc}]|[\u202a-\u202e\u2066-\u2069]/u

describe('Strangers at the port of a chat', () => {
  test('are disconnected with a reason in the log, and affect no others', { timeout: 120_000 }, async () => {
    const { port, program: server } = await startServer(programs)
    const alice = programs.chat('--name', 'alice', '--port', port)
    await alice.says('* In lobby (1): alice')
    for (const { bytes, code } of garbage) {
      const before = server.output.length
      await sendGarbage(port, bytes)
      await server.until(code, ({ output }) => output.slice(before).includes(`"code":"${code}"`))
    }
    alice.write('still here\n')
    await alice.says('alice: still here')
    expect(alice.rows).toEqual(['* alice joined lobby', '* In lobby (1): alice', 'alice: still here'])
    expect(server.errors).toBe('')
  })

  test('that use the protocol but break the rules are refused, and affect no others', {
    timeout: 120_000,
  }, async () => {
    const { port, program: server } = await startServer(programs)
    const alice = programs.chat('--name', 'alice', '--port', port)
    await alice.says('* In lobby (1): alice')

    const eve = createClient(chat, `tcp://127.0.0.1:${port}`)
    const failureOf = async (call: Promise<unknown>) => {
      const error: unknown = await call.then(
        () => undefined,
        (reason: unknown) => reason,
      )
      return error as { code: string; message: string }
    }
    for (const name of [
      '',
      'n'.repeat(10_000),
      '\u001b[2J',
      'a\u202eb',
      'a\u009bb',
      'a\u200bb',
      '\ud800',
      'alice\n',
    ]) {
      const { code, message } = await failureOf(eve.rooms.join({ room: 'lobby', name }))
      expect({ name, code }).toEqual({ name, code: 'INVALID_ARGUMENT' })
      expect(message).not.toMatch(acting)
    }
    expect((await failureOf(eve.lines.say({ text: 'not in a room' }))).code).toBe('NOT_IN_ROOM')
    expect((await failureOf(eve.rooms.join({ room: '\u0007', name: 'eve' }))).code).toBe('INVALID_ARGUMENT')
    expect((await failureOf(eve.rooms.join({ room: 'lobby', name: 'ALICE' }))).code).toBe('NAME_TAKEN')
    await eve.rooms.join({ room: 'lobby', name: 'eve' })
    for (const text of [
      '',
      '\u001b]0;x\u0007',
      '\u009b2J',
      'a\nb',
      '\u202e',
      'x'.repeat(limits.lineCharactersMax + 1),
    ]) {
      expect((await failureOf(eve.lines.say({ text }))).code).toBe('INVALID_ARGUMENT')
    }
    expect((await failureOf(eve.lines.say({ text: 'x'.repeat(2_000_000) }))).code).toBe('RESOURCE_EXHAUSTED')
    expect((await failureOf(eve.lines.say({ text: 5 as unknown as string }))).code).toBe('INVALID_ARGUMENT')
    await eve.quit()
    await eve.$close()
    await alice.says('* eve left lobby and the chat')
    expect(alice.rows.slice(2)).toEqual(['* eve joined lobby', '* eve left lobby and the chat'])
    expect(server.output).not.toMatch(acting)
  })

  test('that send too much are limited to the rate, and a script that says too much slows down by itself', {
    timeout: 120_000,
  }, async () => {
    const { port } = await startServer(programs)
    const eve = createClient(chat, `tcp://127.0.0.1:${port}`)
    await eve.rooms.join({ room: 'dev', name: 'eve' })
    const startedAtMs = performance.now()
    // At the same time: one after the other, they would not exceed the rate on a slow machine.
    const said = await Promise.all(
      Array.from({ length: 3 * limits.floodBurst }, () => safe(eve.lines.say({ text: 'spam' }))),
    )
    const seconds = (performance.now() - startedAtMs) / 1_000
    const refused = said.filter(({ ok }) => !ok)
    for (const { error } of refused)
      expect(error).toMatchObject({ code: 'TOO_FAST', data: { retryAfterMs: expect.any(Number) } })
    expect(refused.length).toBeGreaterThan(0)
    expect(said.length - refused.length).toBeLessThanOrEqual(
      limits.floodBurst + seconds * limits.floodPerSecond + 1,
    )
    await eve.quit()
    await eve.$close()

    // So many that only a very slow machine would stay below the rate anyway.
    const lines = Array.from({ length: limits.floodBurst + 150 }, (_, index) => `line ${index + 1}`)
    const path = await scripts.write(lines)
    const bot = programs.chat('--name', 'bot', '--script', path, '--port', port)
    expect((await bot.end()).exitCode).toBe(0)
    expect(bot.rows.filter((row) => row.startsWith('bot: '))).toEqual(lines.map((line) => `bot: ${line}`))
    expect(bot.output).toContain('* The server accepts 20 lines a second. The chat slows down to this rate.')
  })
})

describe('A terminal at a hostile server', () => {
  test('prints nothing that can control a terminal', { timeout: 120_000 }, async () => {
    const evil = '\u001b[2J\u001b]0;owned\u0007\u009b31m\u202e'
    const server = createServer(
      implement(chat).handlers({
        rooms: {
          join: ({ input, connection }) => {
            connection.emit(chat.events.line, { room: input.room }, { atMs: 0, name: evil, text: evil })
            connection.emit(chat.events.typing, { room: input.room }, { name: evil })
            return { room: evil, name: evil, members: [evil] }
          },
          history: () => ({
            log: 'ab',
            lines: [{ number: 1, line: { atMs: 0, name: evil, text: evil } }],
            isStart: false,
          }),
          who: () => ({ members: [evil] }),
        },
        lines: {
          say: () => {
            throw new Error(evil)
          },
          typing: () => {},
        },
        files: noFiles,
        figures: noFigures,
        quit: () => {},
      }),
      { log: false, authorizeSubscribe: () => true },
    )
    const { endpoint } = await server.listen('tcp://127.0.0.1:0')
    const port = endpoint.kind === 'tcp' ? String(endpoint.port) : ''
    const path = await scripts.write(['/who', '/older', 'hello'])
    const script = programs.chat('--name', 'bot', '--script', path, '--port', port)
    expect((await script.end()).exitCode).toBe(1)
    expect(script.output + script.errors).not.toMatch(acting)
    expect(script.output).toContain('<U+001B>[2J<U+001B>]0;owned<U+0007><U+009B>31m<U+202E>')

    const terminal = programs.chatOnTerminal(60, ['--name', 'bot', '--port', port], { NO_COLOR: '1' })
    await terminal.endsWith('bot ›')
    for (const part of ['owned\u0007', '\u009b', '\u202e', '\u001b[2J', '\u001b]', '\u001b[1m']) {
      expect(terminal.program.output).not.toContain(part)
    }
    terminal.type('\u0003')
    expect((await terminal.program.end()).exitCode).toBe(0)
    await server.close()
  })
})
