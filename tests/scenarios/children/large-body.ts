/**
 * One side of the transfer of a long body, in its own process, so that its memory is its own: `large-body.ts serve
 * BACKEND` or `large-body.ts call BACKEND URL DIRECTION ENCODING`. It exchanges messages with the process that forked
 * it.
 */
import { createHash } from 'node:crypto'
import { createClient } from '@frameport/client'
import type { BackendName } from '@frameport/iocp-core'
import { bytes, contract, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { z } from 'zod'
import { watchMemory } from './resident-memory.ts'

const MiB = 1024 * 1024
export const bodyBytes = 32 * MiB

/** Room for the body and the quotation marks of JSON around it. */
const limits = { bodyBytesMax: bodyBytes + 16, bodiesPartialBytesMax: bodyBytes + 16 }

const long = contract('long', {
  version: 1,
  procedures: {
    getRaw: procedure({ output: bytes() }),
    putRaw: procedure({ input: bytes(), output: z.string() }),
    getText: procedure({ output: z.string() }),
    putText: procedure({ input: z.string(), output: z.string() }),
    nothing: procedure({}),
  },
})

/** A message to the process that forked this one. */
export type Told =
  | { readonly url: string; readonly backend: string }
  | { readonly digest: string; readonly peakMiB: number }
  | { readonly peakMiB: number }

const tell = (told: Told) => process.send?.(told)

const digestOf = (body: Uint8Array | string) => createHash('sha256').update(body).digest('hex')

/** The same bytes on each side. They cannot be compressed, so all pages differ. */
function pattern(length: number): Uint8Array {
  const words = new Uint32Array(length / 4)
  let state = 1
  for (let at = 0; at < words.length; at += 1) {
    state = Math.imul(state, 1_664_525) + 1_013_904_223
    words[at] = state
  }
  return new Uint8Array(words.buffer)
}

const rawBody = () => pattern(bodyBytes)

/** A text with one byte per character, in memory and on the wire. */
const textBody = () => Buffer.from(pattern(bodyBytes / 2)).toString('hex')

async function serve(backend: BackendName) {
  const raw = rawBody()
  const text = textBody()
  const handlers = implement(long).handlers({
    getRaw: () => raw,
    putRaw: ({ input }) => digestOf(input),
    getText: () => text,
    putText: ({ input }) => digestOf(input),
    nothing: () => undefined,
  })
  const server = createServer(handlers, { backend, limits })
  const listener = await server.listen('tcp://127.0.0.1:0')
  tell({ url: listener.url, backend: listener.backend })
  const peak = watchMemory()
  process.on('message', () => tell({ peakMiB: peak() }))
  process.once('disconnect', () => void server.close())
}

async function call(backend: BackendName, url: string, direction: string, encoding: string) {
  const client = createClient(long, url, { backend, limits })
  const raw = direction === 'put' && encoding === 'raw' ? rawBody() : new Uint8Array(0)
  const text = direction === 'put' && encoding === 'text' ? textBody() : ''
  await client.nothing()
  const peak = watchMemory()
  const digest =
    direction === 'put'
      ? await (encoding === 'raw' ? client.putRaw(raw) : client.putText(text))
      : digestOf(await (encoding === 'raw' ? client.getRaw() : client.getText()))
  tell({ digest, peakMiB: peak() })
  await client.$close()
  process.disconnect()
}

export const digests = () => ({ raw: digestOf(rawBody()), text: digestOf(textBody()) })

const [role, backend, url = '', direction = '', encoding = ''] = process.argv.slice(2)
if (role === 'serve') await serve(backend as BackendName)
if (role === 'call') await call(backend as BackendName, url, direction, encoding)
