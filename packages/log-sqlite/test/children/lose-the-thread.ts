import { Worker } from 'node:worker_threads'
import { SqliteLogError, sqliteEventLog } from '@frameport/log-sqlite'

/** Terminates the thread of a log without the knowledge of the log, as running out of memory does. */
const workers: Worker[] = []
const { postMessage } = Worker.prototype
Worker.prototype.postMessage = function (this: Worker, ...given: Parameters<typeof postMessage>) {
  workers.push(this)
  return postMessage.apply(this, given)
}

const event = {
  event: 'lose@1/line',
  topic: '',
  body: { encoding: 'none', bytes: new Uint8Array() },
} as const
const codeOf = (error: unknown) => (SqliteLogError.is(error) ? error.code : String(error))

const log = await sqliteEventLog({ path: ':memory:' })
const said: string[] = []
log.follow(event, { event: () => undefined, missed: () => said.push('missed') })
await log.append(event)
const query = { ...event, position: undefined, eventsMax: 1, bytesMax: 1 }
void workers[0]?.terminate()
const waiting = log.append(event).then(() => 'kept', codeOf)
said.push(await waiting)
said.push(await log.append(event).then(() => 'kept', codeOf))
said.push(await log.before(query).then(() => 'read', codeOf))
await log.close().then(
  () => said.push('closed'),
  (error) => said.push(codeOf(error)),
)
process.stdout.write(`${said.join(' ')}\n`)
