import { createClient } from '@frameport/client'
import { contract, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { createSimNetwork } from '@frameport/testing'
import { expect, test } from 'vitest'
import { z } from 'zod'

const ticks = contract('ticks', {
  version: 1,
  procedures: {
    from: procedure({
      input: z.object({ from: z.number() }),
      items: z.number(),
      resumeFrom: (_input, last) => ({ from: last + 1 }),
    }),
  },
})

test.each([
  ['without an announcement', { announceMs: 0, contextMs: 0 }],
  ['although the next server takes longer than the announcement', { announceMs: 100, contextMs: 1_500 }],
])(
  'a stream with resumeFrom does not delay a server that closes %s',
  async (_how, { announceMs, contextMs }) => {
    const network = createSimNetwork({ latencyMs: 5 })
    const { clock } = network
    const there = network.host('there')
    const here = network.host('here')
    const pause = (ms: number) => new Promise<void>((resolve) => there.environment.setTimer(ms, resolve))
    const start = async (port: number, ms: number) => {
      const handlers = implement(ticks).handlers({
        async *from({ input }) {
          for (let tick = input.from; ; tick++) {
            await pause(20)
            yield tick
          }
        },
      })
      const { environment } = there
      const context = async () => {
        await pause(ms)
        return {}
      }
      const server = createServer(handlers, { environment, log: false, context })
      await server.listen(there.acceptor(port))
      return server
    }
    const one = await start(1, 0)
    const two = await start(2, contextMs)
    const client = createClient(ticks, [here.connector('there:1'), here.connector('there:2')], {
      environment: here.environment,
    })
    const seen: number[] = []
    const reading = (async () => {
      for await (const tick of client.from({ from: 0 })) seen.push(tick)
    })().catch(() => undefined)
    await clock.advance(500)
    const closing = clock.nowMs()
    await clock.until(one.close({ announceMs, graceMs: 60_000 }))
    expect(clock.nowMs() - closing).toBeLessThan(5_000)
    const before = seen.length
    await clock.advance(2_000)
    expect(seen.length).toBeGreaterThan(before)
    expect(seen).toEqual(seen.map((_, at) => at))
    await clock.until(client.$close({ graceMs: 0 }))
    await clock.until(reading)
    await clock.until(two.close({ graceMs: 0 }))
  },
)
