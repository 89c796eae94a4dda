/**
 * One side of a long upload, in its own process, so that its memory is its own: `upload.ts serve BACKEND` or `upload.ts
 * send BACKEND URL FILE STALL_MS`. It exchanges messages with the process that forked it.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { createClient } from '@frameport/client'
import type { BackendName } from '@frameport/iocp-core'
import { bytes, contract, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { z } from 'zod'
import { watchMemory } from './resident-memory.ts'

/** The bytes of a first upload: memory that a process keeps for its next upload does not count as growth. */
const warmBytes = 64 * 1024 * 1024

const Receipt = z.object({ bytes: z.number(), digest: z.string() })

const depot = contract('depot', {
  version: 1,
  procedures: {
    put: procedure({ input: z.object({ stallMs: z.number() }), upload: bytes(), output: Receipt }),
  },
})

/** A message to the process that forked this one. */
export type Told =
  | { readonly url: string; readonly backend: string }
  | { readonly receipt: z.infer<typeof Receipt>; readonly peakMiB: number }
  | { readonly peakMiB: number }

const tell = (told: Told) => process.send?.(told)

async function serve(backend: BackendName) {
  const handlers = implement(depot).handlers({
    async put({ input, upload }) {
      const hash = createHash('sha256')
      for await (const chunk of upload) {
        hash.update(chunk)
        // Once, in the middle of the upload.
        if (input.stallMs > 0 && upload.items === 10) await setTimeout(input.stallMs)
      }
      return { bytes: upload.bytes, digest: hash.digest('hex') }
    },
  })
  const server = createServer(handlers, { backend })
  const listener = await server.listen('tcp://127.0.0.1:0')
  tell({ url: listener.url, backend: listener.backend })
  let peak = () => 0
  process.on('message', (asked) => {
    if (asked === 'watch') peak = watchMemory({ collects: false })
    tell({ peakMiB: peak() })
  })
  process.once('disconnect', () => void server.close())
}

async function send(backend: BackendName, url: string, file: string, stallMs: number) {
  const client = createClient(depot, url, { backend })
  // Memory that the first upload allocates once does not count as growth.
  await client.put({ stallMs: 0 }, createReadStream(file, { end: warmBytes - 1 }))
  tell({ peakMiB: 0 })
  process.once('message', async () => {
    const peak = watchMemory({ collects: false })
    const receipt = await client.put({ stallMs }, createReadStream(file))
    tell({ receipt, peakMiB: peak() })
    await client.$close()
    process.disconnect()
  })
}

const [role, backend, url = '', file = '', stallMs = '0'] = process.argv.slice(2)
if (role === 'serve') await serve(backend as BackendName)
if (role === 'send') await send(backend as BackendName, url, file, Number(stallMs))
