import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { contract, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { z } from 'zod'

const greeter = contract('greeter', {
  version: 1,
  procedures: {
    greet: procedure({ input: z.string(), output: z.string() }),
    count: procedure({ input: z.number(), items: z.number() }),
  },
})
const server = createServer(
  implement(greeter).handlers({
    greet: ({ input }) => `hello ${input}`,
    async *count({ input }) {
      for (let number = 1; number <= input; number++) yield number
    },
  }),
)
const listener = await server.listen('tcp://127.0.0.1:0')

// The client is a program in Python 3.11 that shares no code with this one.
const script = fileURLToPath(new URL('interop/greet.py', import.meta.url))
const PYTHONPATH = fileURLToPath(new URL('../interop/python', import.meta.url))
const env = { ...process.env, PYTHONPATH, PYTHONDONTWRITEBYTECODE: '1' }
const client = spawn('python3', [script, new URL(listener.url).port], { env, stdio: 'inherit' })
const [exitCode] = await once(client, 'close')
console.log(`python ended with ${exitCode}`)
await server.close()

//> hello Ada
//> 1
//> 2
//> 3
//> INVALID_ARGUMENT
//> python ended with 0
