import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { createClient } from '@frameport/client'
import { type BackendName, probe } from '@frameport/iocp-core'
import { createServer } from '@frameport/server'
import { tcp } from '@frameport/server/tcp'
import { afterEach, describe, expect, it, test } from 'vitest'
import { typescriptArguments } from '../support/typescript-arguments.ts'
import { lab } from './lab-contract.ts'
import { createLab } from './lab-handlers.ts'
import { inEveryWorld } from './setup.ts'

describe('At the end of a block with `await using`', () => {
  inEveryWorld((stage, scenario) => {
    scenario('a stream ends, and its producer stops', async () => {
      const { world, server, record } = stage()
      const client = await world.connect(server, lab)
      {
        await using stream = client.count({ to: 1_000_000 })
        expect(await world.run(stream.next())).toEqual({ done: false, value: 1 })
      }
      await world.eventually('the producer was left', () => record.left === 1)
    })

    scenario('a registration of $on ends, with `using` and with `await using`', async () => {
      const { world, server } = stage()
      const client = await world.connect(server, lab)
      await world.run(client.join({ room: 'a' }))
      const heard: string[] = []
      {
        using _first = client.$on('line', { room: 'a' }, ({ text }) => void heard.push(text))
        await using _second = client.$on('line', { room: 'a' }, ({ text }) => void heard.push(text))
        server.publish(lab.events.line, { room: 'a' }, { text: 'inside' })
        await world.eventually('both hear it', () => heard.length === 2)
      }
      server.publish(lab.events.line, { room: 'a' }, { text: 'behind' })
      await world.run(client.nothing())
      expect(heard).toEqual(['inside', 'inside'])
    })

    scenario('a client closes after its open call has finished', async () => {
      const { world, server, record } = stage()
      const client = await world.connect(server, lab)
      const waits = client.wait({ text: 'x' })
      await world.eventually('it runs', () => record.started === 1)
      const disposed = client[Symbol.asyncDispose]()
      await world.settle()
      record.release.get('x')?.()
      expect(await world.run(waits)).toEqual({ text: 'x' })
      await world.run(disposed)
      expect(client.$connection.state).toBe('closed')
    })
  })

  it('a server and each kind of listener close', async () => {
    const context = () => ({ user: 'guest' })
    const server = createServer(createLab().implementation, { backend: 'net', context })
    const urls: string[] = []
    for (const target of ['tcp://127.0.0.1:0', tcp('tcp://127.0.0.1:0', { backend: 'net' })]) {
      await using listener = await (typeof target === 'string'
        ? server.listen(target)
        : server.listen(target))
      urls.push(listener.url)
      const client = createClient(lab, listener.url, { backend: 'net' })
      await client.nothing()
      await client.$close()
    }
    for (const url of urls) {
      const late = createClient(lab, url, { backend: 'net' })
      await expect(late.nothing()).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    }
    await server[Symbol.asyncDispose]()
    await expect(server.listen('tcp://127.0.0.1:0')).rejects.toMatchObject({ code: 'SERVER_CLOSED' })
  })
})

const program = fileURLToPath(new URL('children/unreferenced-client.ts', import.meta.url))
const closing: (() => Promise<unknown> | unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** Returns the output and the exit code of the program. */
function run(backend: BackendName, url: string): Promise<{ code: number | null; output: string }> {
  const args = [...typescriptArguments, program, backend, url]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  closing.push(() => child.kill('SIGKILL'))
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)))
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ code, output }))
  })
}

for (const { backend, available, reason } of probe().filter(({ cause }) => cause !== 'other_system')) {
  const title = `on ${backend}, an unref’d client lets the process end, and other clients on its port keep it alive`
  test.skipIf(!available)(
    available ? title : `${title} (skipped: ${reason})`,
    { timeout: 60_000 },
    async () => {
      const context = () => ({ user: 'guest' })
      const server = createServer(createLab().implementation, { backend: 'net', context })
      closing.push(() => server.close({ graceMs: 0 }))
      const { url } = await server.listen('tcp://127.0.0.1:0')
      expect(await run(backend, url)).toEqual({
        code: 0,
        output: 'alive by the second\nalive by the first again\nunreferenced\n',
      })
    },
  )
}
