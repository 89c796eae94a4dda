import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient, safe } from '@frameport/client'
import { contract, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { z } from 'zod'
import { unixAcceptor, unixConnector } from './transports/unix-socket.ts'

const tower = contract('tower', {
  version: 1,
  procedures: {
    greet: procedure({ input: z.string(), output: z.string() }),
    count: procedure({ input: z.number(), items: z.number() }),
  },
})
const server = createServer(
  implement(tower).handlers({
    greet: ({ input }) => `hello ${input}`,
    async *count({ input }) {
      for (let number = 1; number <= input; number++) yield number
    },
  }),
)

const folder = mkdtempSync(join(tmpdir(), 'frameport-'))
const path = process.platform === 'win32' ? String.raw`\\.\pipe\frameport-tower` : join(folder, 'tower')
await server.listen(unixAcceptor(path))

const client = createClient(tower, unixConnector(path))
console.log(await client.greet('guest'))
let items = 0
for await (const _number of client.count(10_000)) items++
console.log(`${items} items`)
await client.$close()
await server.close()

const late = createClient(tower, unixConnector(path), { limits: { connectTimeoutMs: 1_000 } })
const { error } = await safe(late.greet('nobody'))
console.log(error?.code, error?.message.replaceAll(path, 'tower'))
rmSync(folder, { recursive: true })

//> hello guest
//> 10000 items
//> UNAVAILABLE Could not connect to pipe:tower: nobody opened tower within 1000 ms, or it was refused
