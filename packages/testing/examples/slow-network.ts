import { assertQuiet, createMemoryPair, createVirtualClock } from '@frameport/testing'

const clock = createVirtualClock()
const { a, b, leftOvers } = createMemoryPair({ clock, latencyMs: 400, chunking: { bytes: 4 } })
const text = new TextDecoder()

b.start({
  data: (chunk) => console.log(`${clock.nowMs()} ms: ${text.decode(chunk)}`),
  end: () => b.end(),
  drain: () => undefined,
  close: () => console.log(`${clock.nowMs()} ms: closed`),
})
a.start({ data: () => undefined, end: () => undefined, drain: () => undefined, close: () => undefined })

a.send(new TextEncoder().encode('virtual'))
a.end()
await clock.runUntilIdle() // eight tenths of a second of network, in no time
assertQuiet(clock, { leftOvers })

//> 400 ms: virt
//> 400 ms: ual
//> 400 ms: closed
