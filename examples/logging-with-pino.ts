import { createClient, safe } from '@frameport/client'
import { contract, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { pino } from 'pino'
import { z } from 'zod'

const disk = contract('disk', {
  version: 1,
  procedures: { write: procedure({ input: z.string() }) },
})
const handlers = implement(disk).handlers({
  write() {
    throw new Error('the disk is read-only')
  },
})

// `log: pino()` is all that a server needs. This one writes no times and addresses, which differ from run to run.
const log = pino(
  { level: 'warn' },
  {
    write(line: string) {
      const { level, msg, procedure, call, err } = JSON.parse(line)
      console.log(
        JSON.stringify({ level, msg, procedure, call, err: { type: err.type, message: err.message } }),
      )
    },
  },
)
const server = createServer(handlers, { log })
const listener = await server.listen('tcp://127.0.0.1:0')
const client = createClient(disk, listener.url)
const written = await safe(client.write('text'))
console.log(written.error?.message)
await client.$close()
await server.close()

//> {"level":50,"msg":"a handler failed","procedure":"disk@1/write","call":1,"err":{"type":"Error","message":"the disk is read-only"}}
//> The handler failed. The server's log has the reason under c1/1.
