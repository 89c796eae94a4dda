import { setTimeout as delay } from 'node:timers/promises'
import { createClient, safe } from '@frameport/client'
import { probe } from '@frameport/iocp-core'
import { afterEach, describe, expect, test } from 'vitest'
import { chat } from '../../src/chat-contract.ts'
import { limits } from '../../src/limits.ts'
import { type Program, Programs } from '../support/program.ts'
import { Scripts, startServer } from '../support/scripts.ts'

const programs = new Programs()
const scripts = new Scripts()

afterEach(async () => {
  await programs.endAll()
  await scripts.remove()
})

/** Every back end of this operating system. An unavailable one is shown as skipped, with the reason. */
const backends = probe()
  .filter(({ cause }) => cause !== 'other_system')
  .map(({ backend, available, reason }) => ({
    backend,
    available,
    skipped: reason ? ` (skipped: ${reason})` : '',
  }))

/** A transcript without typing notices, whose number depends on the speed of this machine. */
const said = ({ rows }: Program) => rows.filter((row) => row !== '* alice is typing')

describe.each(backends)('Three terminals over $backend$skipped', ({ backend, available }) => {
  test.runIf(available)('talk in two rooms, and one is killed', { timeout: 180_000 }, async () => {
    const server = await startServer(programs, '--backend', backend)
    expect(server.backend).toBe(backend)
    // A lost member leaves immediately, and is not away first.
    const where = ['--port', server.port, '--backend', backend, '--reconnect-for', '0']

    const alice = programs.chatOnTerminal(60, ['--name', 'alice', ...where])
    await alice.endsWith('alice ›')
    const carol = programs.chat('--name', 'carol', ...where)
    await carol.says('* In lobby (2): alice, carol')
    const path = await scripts.write([
      'hello from bob',
      '/expect alice: hi bob',
      '/who',
      '/expect In lobby (3): alice, bob, carol',
      '/join dev',
      '/expect * carol joined dev',
      'only in dev',
      '/expect carol: over here',
      '/expect * carol left dev',
      '/join lobby',
      'back again',
      '/expect alice: goodbye',
    ])
    alice.type('hi bo')
    await alice.endsWith('alice › hi bo')
    const bob = programs.chat('--name', 'bob', '--script', path, ...where)

    await alice.shows('bob: hello from bob')
    await alice.endsWith('alice › hi bo')
    alice.type('b\r')
    await bob.says('* In dev (1): bob')
    carol.write('/join dev\n')
    await bob.says('bob: only in dev')
    carol.write('over here\n')
    await bob.says('carol: over here')
    await carol.says('carol: over here')
    carol.kill('SIGKILL')
    await alice.shows('bob: back again')
    alice.type('goodbye\r')
    expect(await bob.end()).toEqual({ exitCode: 0, signal: undefined })
    await alice.shows('bob left lobby and the chat')
    // A terminal draws the rows below a message after it, and only then the status.
    const status = `── lobby · 1 here ${'─'.repeat(41)}`
    await alice.endsWith(`${status}\nalice ›`)

    expect(said(bob)).toEqual([
      '* bob joined lobby',
      '* In lobby (3): alice, bob, carol',
      'bob: hello from bob',
      'alice: hi bob',
      '* In lobby (3): alice, bob, carol',
      '* bob left lobby',
      '* bob joined dev',
      '* In dev (1): bob',
      '* carol joined dev',
      'bob: only in dev',
      'carol: over here',
      '* carol left dev: the connection was lost',
      '* bob left dev',
      'bob: hello from bob',
      'alice: hi bob',
      '* bob joined lobby',
      '* In lobby (2): alice, bob',
      'bob: back again',
      'alice: goodbye',
      '* bob left lobby and the chat',
    ])
    expect(bob.errors).toBe('')
    expect(carol.rows).toContain('* alice is typing')
    expect(said(carol)).toEqual([
      '* carol joined lobby',
      '* In lobby (2): alice, carol',
      '* bob joined lobby',
      'bob: hello from bob',
      'alice: hi bob',
      '* bob left lobby',
      '* carol left lobby',
      '* carol joined dev',
      '* In dev (2): bob, carol',
      'bob: only in dev',
      'carol: over here',
    ])
    expect(alice.screen.rows.map((row) => row.replace(/^\d\d:\d\d/, 'HH:MM'))).toEqual([
      '               * alice joined lobby',
      '               * In lobby (1): alice',
      '               * /help lists the commands, Ctrl-C leaves.',
      '               * carol joined lobby',
      '               * bob joined lobby',
      'HH:MM       bob: hello from bob',
      'HH:MM     alice: hi bob',
      '               * bob left lobby',
      '               * carol left lobby',
      '               * bob joined lobby',
      'HH:MM       bob: back again',
      'HH:MM     alice: goodbye',
      '               * bob left lobby and the chat',
      status,
      'alice ›',
    ])

    server.program.kill('SIGINT')
    expect(await server.program.end()).toEqual({ exitCode: 0, signal: undefined })
    expect((await alice.program.end()).exitCode).toBe(1)
    expect(alice.screen.text).toContain('The server has closed the chat.')
  })
})

describe('A name whose connection was lost', () => {
  test('is taken for 20 s, then free; after a goodbye it is free at once', { timeout: 120_000 }, async () => {
    const { port } = await startServer(programs)
    const where = ['--port', port]
    const witness = programs.chat('--name', 'witness', ...where)
    await witness.says('* In lobby (1): witness')
    const lost = programs.chat('--name', 'guest', '--reconnect-for', '0', ...where)
    await lost.says('* guest joined lobby')
    const killedAtMs = performance.now()
    lost.kill('SIGKILL')
    await witness.says('* guest left lobby: the connection was lost')

    const early = programs.chat('--name', 'guest', ...where)
    expect((await early.end()).exitCode).toBe(1)
    expect(early.errors).toMatch(
      /^Frameport chat: The name guest is reserved for another \d+ s, because .*try --name guest2\.$/m,
    )

    const client = createClient(chat, `tcp://127.0.0.1:${port}`)
    const wish = { room: 'lobby', name: 'Guest' }
    const waitsMs: number[] = []
    for (;;) {
      const answer = await safe(client.rooms.join(wish))
      if (answer.ok) break
      if (answer.error.code !== 'NAME_TAKEN') throw answer.error
      const { freeInMs = 0 } = answer.error.data
      waitsMs.push(freeInMs)
      await delay(freeInMs)
    }
    expect(performance.now() - killedAtMs).toBeGreaterThan(limits.nameHeldMs - 100)
    // The server decides when it is free. A second wait covers the difference between the clocks of two processes.
    expect(waitsMs[0] ?? 0).toBeLessThanOrEqual(limits.nameHeldMs)
    for (const again of waitsMs.slice(1)) expect(again).toBeLessThan(100)

    await client.quit()
    const later = programs.chat('--name', 'guest', ...where)
    await later.says('* guest joined lobby')
    await client.$close()
  })
})
