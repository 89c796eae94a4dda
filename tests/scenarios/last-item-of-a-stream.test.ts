import { createClient } from '@frameport/client'
import { bytes, contract, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { createSimNetwork } from '@frameport/testing'
import { expect, test } from 'vitest'
import { z } from 'zod'

const numberOf = (chunk: Uint8Array) =>
  new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength).getUint32(0)

const files = contract('files', {
  version: 1,
  procedures: {
    chunks: procedure({
      input: z.object({ from: z.number() }),
      items: bytes(),
      resumeFrom: (_input, last) => ({ from: numberOf(last) + 1 }),
    }),
  },
})

const acts: Readonly<Record<string, (chunk: Uint8Array<ArrayBuffer>) => void>> = {
  overwrites: (chunk) => void chunk.fill(0),
  transfers: (chunk) => void structuredClone(chunk.buffer, { transfer: [chunk.buffer] }),
}

// Several payloads of up to 4 KiB share one piece of memory; longer ones have their own.
test.each(Object.keys(acts).flatMap((act) => [100, 4096, 5000, 20_000].map((size) => [act, size] as const)))(
  'a reader that %s its chunks of %i bytes gets all of them once, through a server that has forgotten the stream',
  async (act, size) => {
    const network = createSimNetwork({ latencyMs: 5 })
    const { clock } = network
    const there = network.host('there')
    const here = network.host('here')
    const asked: number[] = []
    const start = async () => {
      const handlers = implement(files).handlers({
        async *chunks({ input }) {
          asked.push(input.from)
          for (let number = input.from; number < 40; number++) {
            await new Promise<void>((resolve) => there.environment.setTimer(20, resolve))
            const chunk = new Uint8Array(size)
            new DataView(chunk.buffer).setUint32(0, number)
            yield chunk
          }
        },
      })
      const { environment } = there
      const server = createServer(handlers, { environment, log: false })
      await server.listen(there.acceptor(1))
      return server
    }
    const one = await start()
    const client = createClient(files, here.connector('there:1'), { environment: here.environment })
    const got: number[] = []
    let another: Promise<Awaited<ReturnType<typeof start>>> | undefined
    const read = async () => {
      for await (const chunk of client.chunks({ from: 0 })) {
        got.push(numberOf(chunk))
        acts[act]!(chunk as Uint8Array<ArrayBuffer>)
        if (got.length === 12) another = one.close({ graceMs: 0 }).then(start)
      }
    }
    await clock.until(read())
    expect(got).toEqual(Array.from({ length: 40 }, (_, number) => number))
    expect(asked).toEqual([0, 12])
    await clock.until(Promise.all([client.$close(), another?.then((server) => server.close())]))
  },
)
