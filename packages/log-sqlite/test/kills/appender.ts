import { type SqliteLogDurability, sqliteEventLog } from '@frameport/log-sqlite'

/** Appends to a log, with this many events in flight, and prints confirmed events, until it is killed. */
const [path = '', durability = 'power', inFlight = '1'] = process.argv.slice(2)

const log = await sqliteEventLog({ path, durability: durability as SqliteLogDurability })

async function appendForEver(appender: number): Promise<void> {
  for (let count = 0; ; count++) {
    const name = `${process.pid}/${appender}/${count}`
    const body = { encoding: 'raw', bytes: Buffer.from(`${name} ${'x'.repeat(count % 6000)}`) } as const
    const { number } = await log.append({ event: 'kills@1/line', topic: `${appender % 3}`, body, id: name })
    // Written to the pipe at once: the parent has what was printed when this process dies.
    process.stdout.write(`${number} ${appender % 3} ${name}\n`)
  }
}

for (let appender = 0; appender < Number(inFlight); appender++) void appendForEver(appender)
