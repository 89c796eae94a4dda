import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { createClient } from '@frameport/client'
import { contract, event, procedure } from '@frameport/protocol'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { execArgv } from './shared-pool.ts'

const Room = z.object({ room: z.string() })

/** The contract of the example. */
const chat = contract('chat', {
  version: 1,
  procedures: { say: procedure({ input: Room.extend({ text: z.string() }) }) },
  events: { line: event(z.string(), { topic: Room, subscribe: 'clients' }) },
})

test('the example of workers serves a chat with one log, and ends after SIGTERM', async () => {
  const main = fileURLToPath(new URL('../../examples/workers/main.ts', import.meta.url))
  const child = spawn(process.execPath, [...execArgv, main], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [url] = (await once(createInterface(child.stdout), 'line')) as [string]
  const clients = Array.from({ length: 8 }, () => createClient(chat, url))
  for (const client of clients) onTestFinished(() => client.$close({ graceMs: 0 }))
  const heard = clients.map(
    (client) => new Promise((resolve) => void client.$on('line', { room: 'lobby' }, resolve)),
  )
  await Promise.all(
    clients.map((client) => client.$on('line', { room: 'lobby' }, () => undefined).subscribed),
  )
  await clients[0]?.say({ room: 'lobby', text: 'hello from another worker' })
  expect(new Set(await Promise.all(heard))).toEqual(new Set(['hello from another worker']))
  await Promise.all(clients.map((client) => client.$close()))
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  expect(await exit).toEqual([0, null])
})
