import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { describeWithNats, NatsServer } from '../../../../tests/support/nats-server.ts'
import { type Program, Programs } from '../support/program.ts'
import { startServer } from '../support/scripts.ts'
import { onePersonEach, Person, refusedBy, startsOf, workerOf } from '../support/worker-people.ts'

const programs = new Programs()
let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frameport-workers-'))
})

afterEach(async () => {
  await programs.endAll()
  await rm(folder, { recursive: true })
})

/** A server of two workers, whose threads can be ended. */
const serve = (...args: string[]) =>
  startServer({ server: (...all) => programs.serverOfThreads(...all) }, '--workers', '2', ...args)

/** Ends a thread, and waits until its successor serves. */
async function endThread(server: Program, index: number): Promise<void> {
  const before = startsOf(server, index)
  server.write(`${index}\n`)
  await server.until('the loss', ({ output }) => output.includes('"msg":"a worker is lost"'))
  await server.until('the successor', () => startsOf(server, index) > before)
}

async function stop(server: Program): Promise<void> {
  server.kill('SIGTERM')
  expect(await server.end()).toEqual({ exitCode: 0, signal: undefined })
  expect(server.output).toContain('"msg":"closed"')
  expect(server.errors).toBe('')
}

const patience = { timeout: 240_000 }

describe('A chat of several workers', () => {
  test(
    'is one chat: people of different workers share lines, names, files and presence',
    patience,
    async () => {
      const { program: server, port } = await serve()
      await server.says('2 workers share the port.\n')
      const { first, all } = await onePersonEach(programs, server, port, 2)
      const [one, other] = first as [Person, Person]
      one.say('hello')
      await other.sees(`${one.name}: hello`)
      other.say('hi')
      await one.sees(`${other.name}: hi`)
      const names = all.map(({ name }) => name).sort((a, b) => a.localeCompare(b, 'en'))
      for (const person of first) {
        person.say('/who')
        await person.sees(`* In lobby (${all.length}): ${names.join(', ')}`)
      }
      // The name is taken at both workers, whichever serves its owner.
      for (let tries = 0; new Set(refusedBy(server)).size < 2; tries++) {
        expect(tries).toBeLessThan(30)
        const double = programs.chat('--name', one.name, '--port', port)
        expect((await double.end()).exitCode).toBe(1)
        expect(double.errors).toContain(`The name ${one.name} is taken`)
      }
      const [source, saved] = [join(folder, 'notes.txt'), join(folder, 'taken.txt')]
      await writeFile(source, 'from one worker to another')
      one.say(`/send ${source}`)
      await other.program.says(`${one.name} offers notes.txt`)
      other.say(`/take 1 ${saved}`)
      for (const person of all)
        if (person !== one && person !== other) {
          await person.program.says('offers notes.txt')
          person.say('/decline 1')
        }
      await one.program.says(`${other.name} has notes.txt: the checksum is right.`)
      expect(await readFile(saved, 'utf8')).toBe('from one worker to another')
      await other.leaves()
      await one.sees(`* ${other.name} left lobby and the chat`)
      expect(one.said).toEqual([`${one.name}: hello`, `${other.name}: hi`])
      await stop(server)
    },
  )

  test(
    'continues when a worker dies: no member leaves, and no line is lost or shown twice',
    patience,
    async () => {
      const { program: server, port } = await serve('--data', join(folder, 'data'))
      const { first, all } = await onePersonEach(programs, server, port, 2)
      const [lost, other] = first as [Person, Person]
      lost.say('before')
      await other.sees(`${lost.name}: before`)
      const ended = endThread(server, 0)
      // Some of these lines are in flight when the worker dies.
      const lines = Array.from({ length: 20 }, (_, number) => `line ${number}`)
      for (const line of lines) lost.say(line)
      other.say('from the other worker')
      await ended
      await other.sees(`${lost.name}: line 19`)
      await lost.sees(`${other.name}: from the other worker`)
      for (const person of all) {
        const said = (by: Person) => person.said.filter((row) => row.startsWith(`${by.name}: `))
        expect(said(lost)).toEqual(['before', ...lines].map((line) => `${lost.name}: ${line}`))
        expect(said(other)).toEqual([`${other.name}: from the other worker`])
        expect(person.text).not.toContain('left lobby')
      }
      const names = all.map(({ name }) => name).sort((a, b) => a.localeCompare(b, 'en'))
      other.say('/who')
      await other.sees(`* In lobby (${all.length}): ${names.join(', ')}`)
      // The successor is a part of the chat.
      for (let made = 0; ; made++) {
        expect(made).toBeLessThan(30)
        const later = new Person(programs, `later${made}`, port)
        await later.sees(`${lost.name}: line 19`)
        if ((await workerOf(server, later.name)) !== 0) continue
        later.say('at the successor')
        for (const person of first) await person.sees(`${later.name}: at the successor`)
        break
      }
      await stop(server)
    },
  )

  test('has its history after a restart, and knows its members', patience, async () => {
    const data = join(folder, 'data')
    const before = await serve('--data', data)
    expect(before.program.output).toContain(`Lines are kept in ${data}`)
    const stays = new Person(programs, 'stays', before.port)
    await stays.sees('* stays joined lobby')
    const gone = new Person(programs, 'gone', before.port)
    await stays.sees('* gone joined lobby')
    for (const line of ['one', 'two', 'three']) stays.say(line)
    await stays.sees('stays: three')
    await stop(before.program)
    // This member could return, but does not.
    gone.program.kill('SIGKILL')
    await gone.program.exited
    const after = await serve('--port', before.port, '--data', data)
    stays.say('four')
    stays.say('/who')
    await stays.sees('* In lobby (2): gone (away), stays')
    const newcomer = new Person(programs, 'newcomer', before.port)
    await newcomer.sees('* newcomer joined lobby')
    const said = ['one', 'two', 'three', 'four'].map((line) => `stays: ${line}`)
    expect(newcomer.said).toEqual(said)
    expect(stays.said).toEqual(said)
    await stop(after.program)
  })

  test('serves its page at the same address after the worker of the page has died', patience, async () => {
    const { program: server, pageUrl = '' } = await serve('--page-port', '0')
    await server.says('Only the first one serves the page, because WebSockets cannot share a port.')
    expect((await fetch(pageUrl)).status).toBe(200)
    await endThread(server, 0)
    expect((await fetch(pageUrl)).status).toBe(200)
    await stop(server)
  })
})

describe('Workers whose window is closed', () => {
  test('end in order, although their output is no longer read', patience, async () => {
    const server = programs.serverOnTerminal(100, ['--port', '0', '--no-page', '--workers', '2'])
    const listening = /127\.0\.0\.1:(\d+) \(/
    await server.until('its port', ({ text }) => listening.test(text))
    const port = listening.exec(server.screen.text)?.[1] ?? ''
    const guest = programs.chat('--name', 'guest', '--port', port, '--reconnect-for', '0')
    await guest.says('* guest joined lobby')
    server.hangUp()
    expect((await server.program.end()).exitCode).toBe(129)
    expect((await guest.end()).exitCode).toBe(1)
    expect(guest.errors).toBe('Frameport chat: The server has closed the chat.\n')
  })
})

describe('A server that cannot have several workers', () => {
  test('uses one, and explains why', patience, async () => {
    const { program: server, port } = await serve('--backend', 'net')
    await server.says('One worker serves instead of 2, because ')
    expect(server.output).toMatch(/instead of 2, .*\bnet\b/)
    const guest = new Person(programs, 'guest', port)
    await guest.sees('* guest joined lobby')
    guest.say('hello')
    await guest.sees('guest: hello')
    await stop(server)
  })

  test('reports a port in use in a sentence, with exit code 1', patience, async () => {
    const { port } = await startServer(programs)
    for (const [args, sentence] of [
      [['--port', port, '--page-port', port], /^Frameport chat cannot start: tcp:\S+ is in use, perhaps by/],
      [
        ['--port', '0', '--page-port', port],
        /^Frameport chat cannot start: port \d+, which the page needs, is in use/,
      ],
    ] as const) {
      const second = programs.server('--workers', '2', '--data', ':memory:', ...args)
      expect((await second.end()).exitCode).toBe(1)
      expect(second.errors).toMatch(sentence)
      expect(second.errors).not.toMatch(/^\s+at /m)
    }
  })
})

describeWithNats('workers with NATS', () => {
  test('are servers of the chat like any other', patience, async () => {
    const nats = await NatsServer.start()
    try {
      const { program: server, port } = await serve('--nats', nats.url)
      await server.says(`Lines are kept by the NATS server ${nats.url}`)
      const alone = await startServer(programs, '--nats', nats.url)
      const { first } = await onePersonEach(programs, server, port, 2)
      const elsewhere = new Person(programs, 'elsewhere', alone.port)
      await elsewhere.sees('* elsewhere joined lobby')
      for (const person of first) person.say('hello')
      for (const reader of [...first, elsewhere])
        for (const { name } of first) await reader.sees(`${name}: hello`)
      await stop(server)
    } finally {
      await nats.close()
    }
  })
})
