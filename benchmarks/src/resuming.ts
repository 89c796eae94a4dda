import { uptime } from 'node:os'
import { getHeapStatistics } from 'node:v8'
import { createClient } from '@frameport/client'
import type { ByteStream } from '@frameport/framing'
import { contract, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { createMemoryPair } from '@frameport/testing'
import { checkAnswer, Reading, reading } from '../support/message.ts'
import { callsInFlight } from '../support/sizes.ts'
import { keepInFlight } from '../support/work.ts'

/**
 * The cost of resuming for a call, in figures that no other process affects: both sides in this one, over a pair in memory. `on` or `off` is
 * the argument; ADR 63 has the flags of Node.js. Under callgrind with `--dump-before=uv_uptime` each part of the counted calls has a dump of its own.
 */
const resume = process.argv[2] !== 'off'
const warmUpCalls = Number(process.argv[3] ?? 15_000)
const partCalls = Number(process.argv[4] ?? 5_000)
const parts = 3

const house = contract('house', {
  version: 1,
  procedures: { set: procedure({ input: Reading, output: Reading }) },
})
const handlers = implement(house).handlers({
  async set({ input }) {
    return { id: input.id, room: input.room, degrees: input.degrees, note: input.note }
  },
})

const sent = { frames: 0, bytes: 0 }

/** A pair sends data at once: each frame is one send. */
function counted(end: ByteStream): ByteStream {
  const send = end.send.bind(end)
  end.send = (bytes) => {
    sent.frames += 1
    for (const part of bytes instanceof Uint8Array ? [bytes] : bytes) sent.bytes += part.length
    return send(bytes)
  }
  return end
}

const server = createServer(handlers, { resume })
const connector = {
  url: 'tcp://127.0.0.1:1',
  async connect() {
    const pair = createMemoryPair({ poisonLentBytes: false })
    server.accept(counted(pair.b))
    return counted(pair.a)
  },
}
const client = createClient(house, connector, { resume })

let number = 0
const step = async () => {
  const input = reading(number++)
  checkAnswer(await client.set(input), input.id)
}
function run(calls: number): Promise<number> {
  let left = calls
  return keepInFlight({ inFlight: callsInFlight, unitsPerStep: 1, step }, () => left-- > 0)
}
const usedBytes = () => getHeapStatistics().used_heap_size

await run(warmUpCalls)
globalThis.gc?.()
const heapBefore = usedBytes()
const before = { ...sent }
for (let part = 0; part < parts; part++) {
  uptime()
  await run(partCalls)
}
uptime()
const calls = parts * partCalls
const perCall = {
  frames: (sent.frames - before.frames) / calls,
  bytesSent: (sent.bytes - before.bytes) / calls,
  bytesAllocated: Math.round((usedBytes() - heapBefore) / calls),
}
process.stdout.write(`${resume ? 'on' : 'off'} ${JSON.stringify(perCall)}\n`)
process.exit()
