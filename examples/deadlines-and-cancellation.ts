import { setTimeout as sleep } from 'node:timers/promises'
import { createClient, safe } from '@frameport/client'
import { contract, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { z } from 'zod'

const kitchen = contract('kitchen', {
  version: 1,
  procedures: { cook: procedure({ input: z.object({ ms: z.number() }), output: z.string() }) },
})

let began: () => void = () => undefined
let ended: (code: string) => void = () => undefined
const server = createServer(
  implement(kitchen).handlers({
    async cook({ input, signal, remainingMs }) {
      console.log(`there is a deadline: ${remainingMs() !== undefined}`)
      began()
      try {
        await sleep(input.ms, undefined, { signal }) // rejects as soon as the signal is aborted
        return 'ready'
      } catch (error) {
        ended(signal.reason.code)
        throw error
      }
    },
  }),
)
const { url } = await server.listen('tcp://127.0.0.1:0')
const client = createClient(kitchen, url)
const untilBegun = () =>
  new Promise<void>((resolve) => {
    began = resolve
  })
const untilEnded = () =>
  new Promise<string>((resolve) => {
    ended = resolve
  })

// A deadline bounds the whole call: waiting for a connection, the way there and back, and the handler.
let stopped = untilEnded()
const late = await safe(client.cook({ ms: 60_000 }, { deadlineMs: 500 }))
console.log(`the caller got ${late.error?.code}`)
console.log(`the handler was stopped: ${await stopped}`)

// A signal ends the call when the program no longer needs the answer.
stopped = untilEnded()
const running = untilBegun()
const controller = new AbortController()
const call = safe(client.cook({ ms: 60_000 }, { signal: controller.signal }))
await running
controller.abort(new Error('nobody is hungry'))
const { error } = await call
if (error?.cause instanceof Error) console.log(`the caller got ${error.code}: ${error.cause.message}`)
console.log(`the handler was stopped: ${await stopped}`)

await client.$close()
await server.close()

//> there is a deadline: true
//> the caller got DEADLINE_EXCEEDED
//> the handler was stopped: DEADLINE_EXCEEDED
//> there is a deadline: false
//> the caller got CANCELLED: nobody is hungry
//> the handler was stopped: CANCELLED
