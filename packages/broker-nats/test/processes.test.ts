import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { describeWithNats } from '../../../tests/support/nats-server.ts'
import { until } from '../../../tests/support/until.ts'
import { eventOf, Heard, lobby } from './support/events.ts'
import { connection, natsServer } from './support/opened.ts'

const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

function startChild(script: string, ...parameters: string[]): { child: ChildProcess; lines: string[] } {
  const file = fileURLToPath(new URL(`./support/${script}`, import.meta.url))
  const child = spawn(
    process.execPath,
    ['--conditions=@frameport/source', '--import', 'tsx', file, ...parameters],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  children.push(child)
  const lines: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line))
  return { child, lines }
}

describeWithNats('a process with a connection to NATS', () => {
  test('ends by itself once the connection is closed', async () => {
    const server = await natsServer()
    const { child, lines } = startChild('leaving-child.ts', server.url, 'there')
    const [code] = await once(child, 'exit')
    expect({ code, lines }).toEqual({ code: 0, lines: ['closed'] })
  })

  test('ends by itself if the broker is away when the connection is closed', async () => {
    const server = await natsServer()
    const { child, lines } = startChild('leaving-child.ts', server.url, 'away')
    await until(() => lines.includes('ready'))
    await server.kill()
    const [code] = await once(child, 'exit')
    expect({ code, lines }).toEqual({ code: 0, lines: ['ready', 'closed'] })
  })

  test('that is suspended delays neither the publisher nor the others, and gets a gap', async () => {
    const server = await natsServer('max_pending: 1048576\nwrite_deadline: "500ms"')
    const slow = startChild('listening-child.ts', server.url, lobby.event, lobby.topic)
    const heard = new Heard()
    const listener = (await connection(server)).bus.join(heard)
    await listener.listen(lobby)
    const publisher = (await connection(server)).bus.join(new Heard())
    await until(() => slow.lines.includes('listens'))
    slow.child.kill('SIGSTOP')
    const line = 'x'.repeat(10_000)
    const count = 2_000
    for (let turn = 0; turn < count / 100; turn += 1) {
      await Promise.all(Array.from({ length: 100 }, () => publisher.publish(eventOf(lobby, line))))
    }
    await until(() => heard.events.length === count)
    expect(heard.gaps).toEqual([])
    slow.child.kill('SIGCONT')
    await until(() => slow.lines.includes('gap'))
    expect(slow.lines.filter((told) => told === 'event').length).toBeLessThan(count)
    const before = slow.lines.filter((told) => told === 'event').length
    await publisher.publish(eventOf(lobby, 'again'))
    await until(() => slow.lines.filter((told) => told === 'event').length > before)
  })
})
