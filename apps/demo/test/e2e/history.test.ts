import { mkdtemp, open, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Programs } from '../support/program.ts'
import { Scripts, startServer } from '../support/scripts.ts'

const programs = new Programs()
const scripts = new Scripts()
let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frameport-history-'))
})

afterEach(async () => {
  await programs.endAll()
  await scripts.remove()
  await rm(folder, { recursive: true })
})

const all = Array.from({ length: 115 }, (_, index) => `bot: line ${index + 1}`)

/** Runs a script that says the lines, until its end. */
async function talk(port: string, lines = all): Promise<void> {
  const path = await scripts.write(lines.map((line) => line.slice('bot: '.length)))
  const bot = programs.chat('--name', 'bot', '--script', path, '--port', port)
  expect((await bot.end()).exitCode).toBe(0)
}

describe('Earlier lines', () => {
  test('appear in a terminal that is scrolled up, back to the beginning, without an effect on the typed line', {
    timeout: 120_000,
  }, async () => {
    const { port } = await startServer(programs)
    await talk(port)
    const alice = programs.chatOnTerminal(60, ['--name', 'alice', '--port', port])
    await alice.endsWith('alice ›')
    alice.type('half')
    await alice.endsWith('alice › half')
    const seen = new Set<string>()
    const look = () => {
      for (const row of alice.screen.visibleRows) seen.add(row.slice(6).trim())
    }
    look()
    for (let page = 0; !alice.screen.text.includes('This is the beginning of lobby.'); page += 1) {
      const before = alice.screen.text
      alice.type('\u001b[5~')
      await alice.until('an older page', ({ text }) => text !== before && text.endsWith('alice › half'))
      look()
      expect(page).toBeLessThan(20)
    }
    expect(all.filter((line) => !seen.has(line))).toEqual([])
    await alice.shows('further down · PageDown')
    alice.type('\r')
    await alice.shows('alice: half')
    expect(alice.screen.text).not.toContain('further down')
    alice.type('\u0003')
    expect((await alice.program.end()).exitCode).toBe(0)
  })

  test('are printed page by page in a script, which reports the beginning of the room', {
    timeout: 120_000,
  }, async () => {
    const { port } = await startServer(programs)
    await talk(port)
    const path = await scripts.write(['/older', '/older', '/older', '/older here'])
    const reader = programs.chat('--name', 'reader', '--script', path, '--port', port)
    expect((await reader.end()).exitCode).toBe(1)
    // It may receive its own goodbye, unless it has left before.
    const goodbye = reader.rows.filter((row) => row.includes('left lobby'))
    expect(reader.rows).toEqual([
      ...all.slice(65),
      '* reader joined lobby',
      '* In lobby (1): reader',
      '* Here are 50 earlier lines:',
      ...all.slice(15, 65),
      '* This is the beginning of lobby.',
      '* Here are 15 earlier lines:',
      ...all.slice(0, 15),
      '* This is the beginning of lobby.',
      '! /older takes no arguments: remove the text after it.',
      ...goodbye,
    ])
  })
})

describe('A data folder', () => {
  const data = () => join(folder, 'deeper', 'data')
  const serve = (...args: string[]) => startServer(programs, '--data', data(), ...args)

  test('keeps the lines of a killed server, only for its owner', { timeout: 120_000 }, async () => {
    const first = await serve()
    expect(first.program.output).toContain(`Lines are kept in ${data()}`)
    await talk(first.port, all.slice(0, 3))
    first.program.kill('SIGKILL')
    await first.program.exited
    const second = await serve()
    const guest = programs.chat('--name', 'guest', '--port', second.port)
    await guest.says('* guest joined')
    expect(guest.rows.slice(0, 3)).toEqual(all.slice(0, 3))
    expect((await stat(data())).mode & 0o777).toBe(0o700)
  })

  test('that is in use is reported and not changed', { timeout: 120_000 }, async () => {
    const { port } = await serve()
    const other = programs.server('--port', '0', '--no-page', '--data', data())
    expect((await other.end()).exitCode).toBe(1)
    expect(other.errors).toBe(
      `Frameport chat cannot start: Another chat server uses the folder ${data()}. Stop it, or choose another folder with --data.\n`,
    )
    await talk(port, all.slice(0, 1))
  })

  test('with a damaged file is reported at the start, and readable lines are kept', {
    timeout: 120_000,
  }, async () => {
    const first = await serve()
    await talk(first.port)
    first.program.kill('SIGTERM')
    await first.program.exited
    // The first page has the header, without which SQLite cannot open the file.
    const file = await open(join(data(), 'lines.db'), 'r+')
    await file.write(Buffer.alloc(1_024, 0x5a), 0, 1_024, 0)
    await file.close()
    const second = await serve()
    const kept = /The file with the lines was damaged. (\d+) entries .* could be read/.exec(
      second.program.output,
    )
    // All lines, and the entries for people who came and left.
    expect(Number(kept?.[1])).toBeGreaterThan(115)
    expect(second.program.output).toContain(`The damaged file is ${join(data(), 'lines-damaged-1.db')}.`)
    const guest = programs.chat('--name', 'guest', '--port', second.port)
    await guest.says('* guest joined')
    expect(guest.rows.slice(0, 50)).toEqual(all.slice(65))
    second.program.kill('SIGTERM')
    await second.program.exited
    const third = await serve()
    expect(third.program.output).not.toContain('damaged')
    expect((await readdir(data())).filter((name) => name.includes('recovered'))).toEqual([])
  })

  test('is not created for :memory:', { timeout: 120_000 }, async () => {
    const { program, port } = await startServer(programs, '--data', ':memory:')
    expect(program.output).not.toContain('kept')
    await talk(port, all.slice(0, 1))
  })
})
