import { ServerError } from '@frameport/server'
import { exit, hungUp, isTerminalGone } from '../hang-up.ts'
import { watchNpm } from '../npm-parent.ts'
import { urlOf } from '../options.ts'
import { announcement } from './announce.ts'
import { createLog } from './log.ts'
import { readServerOptions, type ServerOptions } from './options.ts'
import { type RunningChat, startChatServer } from './start-server.ts'

const options = readServerOptions(process.argv)
const log = createLog(process.stdout)
let stopping = false

try {
  const running = await start(options)
  // Before the announcement: a program that waits for it may send a signal at once.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => stop(running, signal))
  watchNpm((parent) => stop(running, `the end of its ${parent}`))
  const rows = announcement({ ...running, host: options.host })
  process.stdout.write(`${rows.join('\n')}\n`)
} catch (error) {
  process.stderr.write(`Frameport chat cannot start: ${reasonOf(error, options)}\n`)
  process.exitCode = 1
}

async function start(options: ServerOptions): Promise<RunningChat> {
  const { workers } = options
  if (workers === undefined) return await startChatServer(options, log)
  // Load the code for threads only if the options ask for them.
  const { startChatPool } = await import('./workers/chat-pool.ts')
  return await startChatPool(options, workers, log)
}

/** Closes the server in order. A second signal exits at once. */
function stop(running: { close(): Promise<void> }, because: string): void {
  if (stopping) exit(1)
  stopping = true
  // A closed terminal accepts no rows.
  if (!isTerminalGone()) log.info({ because }, 'closing')
  void running.close().then(() => {
    if (isTerminalGone()) exit(hungUp)
    else log.info('closed')
  })
}

function reasonOf(error: unknown, { host, port }: ServerOptions): string {
  // The error that a worker has thrown.
  const reason = ServerError.is(error) && error.code === 'WORKER_FAILED' ? error.cause : error
  if (!(reason instanceof Error)) return String(reason)
  if (!('code' in reason) || reason.code !== 'ADDRESS_IN_USE') return reason.message
  return (
    `${urlOf({ host, port })} is in use, perhaps by another chat server. ` +
    'Stop that one, or choose another port: npm start -- --port 5501'
  )
}
