import { sqliteEventLog } from '@frameport/log-sqlite'

/** Ends by itself, with a log that nobody has closed. */
const log = await sqliteEventLog({ path: ':memory:' })
const { number } = await log.append({
  event: 'leave@1/line',
  topic: '',
  body: { encoding: 'none', bytes: new Uint8Array() },
})
process.stdout.write(`${number}\n`)
