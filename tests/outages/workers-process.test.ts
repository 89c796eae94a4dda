import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createClient } from '@frameport/client'
import { expect, onTestFinished, test } from 'vitest'
import { typescriptArguments } from '../support/typescript-arguments.ts'
import { shared } from './workers-contract.ts'

test('a process with workers drains them after SIGTERM, and ends by itself', async () => {
  const program = fileURLToPath(new URL('children/workers-main.ts', import.meta.url))
  const child = fork(program, { execArgv: [...typescriptArguments] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [url] = (await once(child, 'message')) as [string]
  const clients = Array.from({ length: 8 }, () => createClient(shared, url, { reconnect: false }))
  for (const client of clients) onTestFinished(() => client.$close({ graceMs: 0 }))
  await Promise.all(clients.map((client) => client.who()))
  const calls = clients.map((client, number) => client.work({ number, takesMs: 500 }))
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  expect(await Promise.all(calls)).toHaveLength(8)
  expect(await exit).toEqual([0, null])
})
