/**
 * A client that loses its server and waits for it: `waiting-client.ts URL`. Each timer here is unreferenced: it can
 * only fire while the client keeps the process alive. The program prints one line for each step.
 */
import { createClient } from '@frameport/client'
import { contract, procedure } from '@frameport/protocol'
import { z } from 'zod'

const depot = contract('depot', { version: 1, procedures: { name: procedure({ output: z.string() }) } })
const say = (line: string) => process.stdout.write(`${line}\n`)
const laterUnreferenced = (delayMs: number) =>
  new Promise<void>((resolve) => {
    setTimeout(resolve, delayMs).unref()
  })

const lost = new Promise<void>((resolve) => {
  const client = createClient(depot, process.argv[2] ?? '', {
    backend: 'net',
    reconnect: { delayMs: 5_000, delayMaxMs: 5_000 },
    async onStateChange({ state, failures = 0 }) {
      if (state !== 'reconnecting' || failures === 0) return
      resolve()
      await laterUnreferenced(300)
      say('alive while it waits')
      client.$unref()
      setTimeout(() => process.exit(3), 15_000).unref()
      say('unreferenced')
    },
  })
  void client.name().then(() => say('connected'))
})
await lost
