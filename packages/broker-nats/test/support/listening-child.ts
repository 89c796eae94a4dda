import { connectNats } from '../../src/index.ts'

/** Listens to a topic, and prints a line for each event and each gap. */
const [url = '', event = '', topic = ''] = process.argv.slice(2)
const { bus } = await connectNats({ servers: url, reconnectDelayMs: 20 })
const member = bus.join({
  event: () => process.stdout.write('event\n'),
  gap: () => process.stdout.write('gap\n'),
})
await member.listen({ event, topic })
process.stdout.write('listens\n')
