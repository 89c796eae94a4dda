/**
 * Clients that keep a process alive, or do not: `unreferenced-client.ts BACKEND URL`. Each timer here is unreferenced:
 * it can only fire while a client keeps the process alive. The program prints one line for each step.
 */
import { createClient } from '@frameport/client'
import type { BackendName } from '@frameport/iocp-core'
import { contract, procedure } from '@frameport/protocol'

const lab = contract('lab', { version: 1, procedures: { nothing: procedure({}) } })
const say = (line: string) => process.stdout.write(`${line}\n`)
const laterUnreferenced = (delayMs: number) =>
  new Promise<void>((resolve) => {
    setTimeout(resolve, delayMs).unref()
  })

const [backend, url = ''] = process.argv.slice(2)
const options = { backend: backend as BackendName }
/** Both clients share the port of the process. */
const first = createClient(lab, url, options)
const second = createClient(lab, url, options)
// Also before the client is connected.
first.$unref()
await Promise.all([first.nothing(), second.nothing()])
await laterUnreferenced(300)
say('alive by the second')
first.$ref()
second.$unref()
await laterUnreferenced(300)
say('alive by the first again')
await Promise.all([first.nothing(), second.nothing()])
const third = createClient(lab, url, options)
first.$unref()
await third.nothing()
await third.$close()
// A client that has ended neither keeps the process alive nor affects other clients.
third.$ref()
setTimeout(() => process.exit(3), 15_000).unref()
say('unreferenced')
