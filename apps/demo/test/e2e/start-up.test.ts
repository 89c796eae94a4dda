import { afterEach, describe, expect, test } from 'vitest'
import { Programs } from '../support/program.ts'
import { Scripts, startServer } from '../support/scripts.ts'

const programs = new Programs()
const scripts = new Scripts()

afterEach(async () => {
  await programs.endAll()
  await scripts.remove()
})

/** The output of a program that ends before it has started: one sentence without a stack trace. */
async function refusal(program: ReturnType<Programs['chat']>) {
  const { exitCode } = await program.end()
  expect(program.errors).not.toMatch(/^\s+at /m)
  return { exitCode, output: program.output, errors: program.errors.trim() }
}

describe('A terminal that cannot start', () => {
  test('prints the reason in a sentence, exits with 1, and has no effect in the chat', {
    timeout: 120_000,
  }, async () => {
    const { port, program: server } = await startServer(programs)
    const where = ['--port', port]
    const guest = programs.chat('--name', 'guest', ...where)
    await guest.says('* In lobby (1): guest')

    const cases: readonly (readonly [string[], RegExp])[] = [
      [['--name', 'guest', ...where], /^Frameport chat: The name guest is taken: try --name guest2\.$/],
      [['--name', 'n'.repeat(10_000), ...where], /at most 24 characters; this one has 10,000\.$/],
      [['--name', '', ...where], /A name must have at least one character, for example guest\.$/],
      [
        ['--name', '\u001b[2Jeve', ...where],
        /A name must not contain control characters .*U\+001B at character 1/,
      ],
      [['--name', 'bob', '--script', 'no-such-file', ...where], /There is no script file no-such-file\./],
      [['--name', 'bob', '--host', 'no-such-host.invalid'], /There is no host named no-such-host\.invalid/],
      [['--name', 'bob', '--backend', 'iocp', ...where], /iocp: completion ports exist on Windows only/],
      [where, /required option '--name <name>' not specified\nFor example: npm run chat -- --name guest\./],
      [['--name', 'bob', '--port', 'http'], /'http' is invalid\. It must be an integer/],
      [['--name', 'bob', 'extra'], /too many arguments/],
    ]
    for (const [args, sentence] of cases) {
      const { exitCode, output, errors } = await refusal(programs.chat(...args))
      expect(errors).toMatch(sentence)
      expect({ args, exitCode, output }).toEqual({ args, exitCode: 1, output: '' })
      expect(errors).not.toContain('\u001b')
    }

    expect(guest.rows).toEqual(['* guest joined lobby', '* In lobby (1): guest'])
    expect(server.errors).toBe('')
  })

  test('says how to start a server if there is none', async () => {
    const { port, program } = await startServer(programs)
    program.kill('SIGTERM')
    expect((await program.end()).exitCode).toBe(0)
    const { exitCode, errors } = await refusal(programs.chat('--name', 'bob', '--port', port))
    expect(exitCode).toBe(1)
    expect(errors).toBe(
      `Frameport chat: No chat server answers at tcp://127.0.0.1:${port}. Start one with: npm start -- --port ${port}`,
    )
  })

  test('says that its room, or the room it wants to enter, is full', { timeout: 120_000 }, async () => {
    const { port } = await startServer(programs, '--members-max', '1')
    const first = programs.chat('--name', 'first', '--port', port)
    await first.says('* first joined lobby')
    const second = await refusal(programs.chat('--name', 'second', '--port', port))
    expect(second).toMatchObject({ exitCode: 1, output: '' })
    expect(second.errors).toContain('The room lobby is full: it holds 1 people.')

    const path = await scripts.write(['/join lobby', 'still in dev'])
    const third = programs.chat('--name', 'third', '--room', 'dev', '--script', path, '--port', port)
    expect((await third.end()).exitCode).toBe(1)
    expect(third.output).toContain('! The room lobby is full')
    expect(third.output).toContain('third: still in dev')
    expect(third.errors).toContain('Line 1 could not be executed')
    expect(first.rows).toHaveLength(2)
  })
})

describe('A server that cannot start', () => {
  test('prints the reason in a sentence and exits with 1', { timeout: 120_000 }, async () => {
    const { port } = await startServer(programs)
    const cases: readonly (readonly [string[], RegExp])[] = [
      [['--port', port], /^Frameport chat cannot start: .* is in use, .*npm start -- --port 5501$/],
      [['--port', '0', '--backend', 'iocp'], /^Frameport chat cannot start: iocp: /],
      [['--port', '0', '--host', '203.0.113.1'], /^Frameport chat cannot start: .*address/],
      [['--port', '0', '--host', 'not a host'], /It must be an address or a host name/],
      [['--portt', '1'], /unknown option '--portt'/],
    ]
    for (const [args, sentence] of cases) {
      const { exitCode, output, errors } = await refusal(programs.server(...args))
      expect(errors).toMatch(sentence)
      expect({ args, exitCode, output }).toEqual({ args, exitCode: 1, output: '' })
    }
  })
})

describe('A server that starts', () => {
  test('says how to join it', { timeout: 120_000 }, async () => {
    const loopback = await startServer(programs)
    expect(loopback.program.output).toContain(
      `Join with: npm run chat -- --name guest --port ${loopback.port}\n`,
    )

    const open = programs.server('--host', '0.0.0.0', '--port', '0')
    const [, port] = await open.until(
      'its address',
      ({ output }) => /tcp:\/\/0\.0\.0\.0:(\d+) /.exec(output) ?? undefined,
    )
    await open.says(`Join with: npm run chat -- --name guest --port ${port}\n`)
    await open.says(
      'Everyone who reaches this port can read and write: there is no password and no encryption.',
    )
    const guest = programs.chat('--name', 'guest', '--port', port ?? '')
    await guest.says('* guest joined lobby')
  })

  test.each(['SIGINT', 'SIGTERM'] as const)('closes in order after %s, with exit code 0', async (signal) => {
    const { program } = await startServer(programs)
    program.kill(signal)
    expect(await program.end()).toEqual({ exitCode: 0, signal: undefined })
    expect(program.output).toContain('"msg":"closed"')
    expect(program.errors).toBe('')
  })
})

describe('The two commands of the README', () => {
  test('npm start and npm run chat work from the root', { timeout: 180_000 }, async () => {
    const server = programs.npm('start', '--', '--port', '0')
    const [, port = ''] = await server.until(
      'the server',
      ({ output }) => /127\.0\.0\.1:(\d+) /.exec(output) ?? undefined,
    )
    const path = await scripts.write(['hello', '/expect guest: hello'])
    const guest = programs.npm('run', 'chat', '--', '--name', 'guest', '--port', port, '--script', path)
    expect((await guest.end()).exitCode).toBe(0)
    expect(guest.output).toContain('\nguest: hello\n')

    const witness = programs.chat('--name', 'witness', '--port', port, '--reconnect-for', '0')
    await witness.says('* In lobby (1): witness')
    const waiting = await scripts.write(['/wait 60000'])
    const withScript = ['--name', 'killed', '--port', port, '--script', waiting]
    const killed = programs.npm('run', 'chat', '--', ...withScript)
    await killed.says('* killed joined lobby')
    killed.kill('SIGKILL')
    await witness.says('* killed is away: the connection is lost')
    const stopped = programs.npm('run', 'chat', '--', '--name', 'stopped', '--port', port)
    await stopped.says('* stopped joined lobby')
    stopped.kill('SIGTERM')
    await witness.says('* stopped left lobby and the chat')

    server.kill('SIGTERM')
    await server.says('"msg":"closed"')
    expect((await witness.end()).exitCode).toBe(1)
  })
})
