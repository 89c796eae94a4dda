import { sqliteEventLog } from '@frameport/log-sqlite'

/** Ends by itself although its log was not closed. */
const log = await sqliteEventLog({ path: ':memory:' })
const { number } = await log.append({
  event: 'leave@1/line',
  topic: '',
  body: { encoding: 'none', bytes: new Uint8Array() },
})
process.stdout.write(`${number}\n`)
