import { connectNats } from '../../src/index.ts'

/** Listens to a topic, and writes a line for each thing that it is told. */
const [url = '', event = '', topic = ''] = process.argv.slice(2)
const { bus } = await connectNats({ servers: url, reconnectDelayMs: 20 })
const member = bus.join({
  event: () => process.stdout.write('event\n'),
  gap: () => process.stdout.write('gap\n'),
})
await member.listen({ event, topic })
process.stdout.write('listens\n')
