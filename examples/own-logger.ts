import { createClient, safe } from '@frameport/client'
import { contract, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { pino } from 'pino'
import { z } from 'zod'

const greeter = contract('greeter', {
  version: 1,
  procedures: { greet: procedure({ input: z.string(), output: z.string() }) },
})

// pino() alone writes whole lines to the standard output. This one shows what is the same in every run.
const log = pino(
  { level: 'info' },
  {
    write(line: string) {
      const { level, part, msg, connection, call } = JSON.parse(line)
      console.log(level, part, connection ? `${msg} (${connection}/${call})` : msg)
    },
  },
)
const handlers = implement(greeter).handlers({
  greet({ input }) {
    if (input === '') throw new Error('there is no name')
    log.info({ part: 'greeter' }, 'somebody is greeted')
    return `hello ${input}`
  },
})

// Frameport writes to the same logger, warnings and errors only.
const server = createServer(handlers, { log: log.child({ part: 'frameport' }, { level: 'warn' }) })
const listener = await server.listen('tcp://127.0.0.1:0')
const client = createClient(greeter, listener.url)
await client.greet('Ada')
const { error } = await safe(client.greet(''))
console.log(error?.code, error?.message)
await client.$close()
await server.close()

//> 30 greeter somebody is greeted
//> 50 frameport a handler failed (c1/3)
//> INTERNAL The handler failed. The server's log has the reason under c1/3.
