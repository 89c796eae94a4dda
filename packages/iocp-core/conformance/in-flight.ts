import { type BackendName, createCompletionPort } from '../src/index.ts'
import { digestOf, pattern } from './support/bytes.ts'
import { pair } from './support/pair.ts'
import { Recorder } from './support/recorder.ts'

/*
 * Keeps receives and queued sends in flight in both directions: node … conformance/in-flight.ts BACKEND
 * [--time-scale N]. Says for each side what arrived and how it closed, so that a fault which only the kernel meets
 * (EFAULT) shows by its name. Exit code 1 unless all bytes arrived on both sides.
 */
const [backend, , timeScale] = process.argv.slice(2)
const bytes = pattern(8 * 1024 * 1024)
const half = bytes.length / 2
const signal = AbortSignal.timeout(10_000 * Number(timeScale ?? 1))

const port = createCompletionPort({ backend: backend as BackendName })
const { listener, client, server } = await pair(port)
let whole = 0
const sides = [client, server].map((connection) => {
  const sink = new Recorder({ end: () => connection.end() }, false)
  // What is sent first fills the kernel's buffers, because nobody reads yet; the rest waits in two more chunks.
  connection.send(bytes.subarray(0, half))
  connection.send(bytes.subarray(half))
  return { connection, sink }
})
for (const { connection, sink } of sides) connection.start(sink)
await Promise.all(
  sides.map(async ({ connection, sink }, index) => {
    await sink.until(signal, 'all bytes', () => sink.bytes === bytes.length || sink.ended || sink.closed)
    connection.end()
    await sink.untilClose(signal)
    const arrived = sink.digest() === digestOf(bytes)
    if (arrived && sink.closeError === undefined) whole++
    process.stdout.write(`${backend}: ${index === 0 ? 'client' : 'server'}: ${sink.summary()}\n`)
  }),
)
await listener.close()
await port.close()
process.stdout.write(`${backend}: ${whole} passed, ${2 - whole} failed\n`)
process.exitCode = whole === 2 ? 0 : 1
