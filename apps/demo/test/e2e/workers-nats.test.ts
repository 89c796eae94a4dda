import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { describeWithNats, NatsServer } from '../../../../tests/support/nats-server.ts'
import { Programs } from '../support/program.ts'
import { startServer } from '../support/scripts.ts'
import { onePersonEach, Person } from '../support/worker-people.ts'

vi.setConfig({ testTimeout: 240_000 })

const programs = new Programs()
let folder = ''
let nats: NatsServer

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frameport-workers-'))
  nats = await NatsServer.start()
})

afterEach(async () => {
  await programs.endAll()
  await nats.close()
  await rm(folder, { recursive: true })
})

/** One person offers a file, and the other takes it. */
async function give(from: Person, to: Person): Promise<void> {
  const content = randomBytes(300_000)
  const [source, saved] = ['out', 'in'].map((name) => join(folder, `${from.name}-${to.name}-${name}`))
  await writeFile(source as string, content)
  from.say(`/send ${source}`)
  const offered = await to.program.until(
    'the offer',
    ({ output }) =>
      new RegExp(`${from.name} offers \\S+-out \\(300 kB\\): /take (\\d+)`).exec(output) ?? undefined,
  )
  to.say(`/take ${offered[1]} ${saved}`)
  await to.program.says(`Saved ${saved}`)
  expect(await readFile(saved as string)).toEqual(content)
  await from.program.says(`${to.name} has`)
}

describeWithNats('a chat of several workers at a NATS server', () => {
  test('is one chat with another server: people of each worker share lines, files and presence', async () => {
    const { program: server, port } = await startServer(programs, '--workers', '2', '--nats', nats.url)
    await server.says('2 workers share the port.\n')
    await server.says('Other servers get files from this one at 127.0.0.1, a free port for each worker.\n')
    const { first, all } = await onePersonEach(programs, server, port, 2)
    const [one, other] = first as [Person, Person]
    const beside = await startServer(programs, '--nats', nats.url)
    const far = new Person(programs, 'far', beside.port)
    for (const person of first) await person.sees('* far joined lobby')
    const names = [...all.map(({ name }) => name), 'far'].sort((a, b) => a.localeCompare(b, 'en'))
    await far.sees(`* In lobby (${names.length}): ${names.join(', ')}`)
    const three = [one, other, far]
    for (const speaker of three) {
      speaker.say(`hello from ${speaker.name}`)
      for (const person of three) await person.sees(`${speaker.name}: hello from ${speaker.name}`)
    }
    await give(one, other)
    await give(other, far)
    await give(far, one)
    for (const { program } of [{ program: server }, beside]) {
      program.kill('SIGTERM')
      expect(await program.end()).toEqual({ exitCode: 0, signal: undefined })
      expect(program.errors).toBe('')
    }
  })

  test('uses one consecutive port for each worker to receive files, if a port is given', async () => {
    const any = await startServer(programs, '--nats', nats.url)
    const first = /get files from this one at 127\.0\.0\.1, port (\d+)\./.exec(
      await any.program.until('its peers', ({ output }) => output.includes('get files') && output),
    )?.[1]
    any.program.kill('SIGTERM')
    await any.program.end()
    const last = Number(first) + 1
    const args = ['--workers', '2', '--peer-port', String(first), '--nats', nats.url]
    const { program: server } = await startServer(programs, ...args)
    await server.says(`ports ${first} to ${last}.\n`)
    for (const port of [first, last]) expect(server.output).toContain(`"url":"tcp://127.0.0.1:${port}"`)
  })

  test('that is unavailable is reported in a sentence, from a worker as from a process', async () => {
    await nats.kill()
    const server = programs.server('--port', '0', '--workers', '2', '--nats', nats.url)
    expect((await server.end()).exitCode).toBe(1)
    expect(server.errors).toMatch(
      /^Frameport chat cannot start: The NATS server .* cannot be used: .*refused/i,
    )
    expect(server.errors).not.toMatch(/^\s+at /m)
  })
})
