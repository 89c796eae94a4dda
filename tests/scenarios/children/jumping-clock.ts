/**
 * A client and a server whose time of day another process changes. It answers each message with its measurements since
 * the last one.
 */
import { createClient } from '@frameport/client'
import { contract, procedure, type RpcError } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'

const lab = contract('lab', { version: 1, procedures: { wait: procedure({}), echo: procedure({}) } })

const server = createServer(
  implement(lab).handlers({
    wait: ({ signal }) =>
      new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    echo: () => undefined,
  }),
  // Several heartbeats are due in each measurement.
  { log: false, limits: { heartbeatIntervalMs: 50, heartbeatTimeoutMs: 20_000 } },
)
const listener = await server.listen('tcp://127.0.0.1:0')
const client = createClient(lab, listener.url, {
  limits: { heartbeatIntervalMs: 50, heartbeatTimeoutMs: 20_000 },
})
await client.echo()

/** How long deadlines took on a clock that does not jump, and the time of day. */
export interface Measured {
  readonly tookMs: readonly number[]
  readonly codes: readonly string[]
  readonly state: string
  readonly dateMs: number
}

const monotonicMs = () => Number(process.hrtime.bigint() / 1_000_000n)

async function measure(): Promise<Measured> {
  const begun = monotonicMs()
  const calls = [100, 300, 500].map(async (deadlineMs) => {
    const code = await client.wait({ deadlineMs }).then(
      () => 'OK',
      (error: RpcError) => error.code,
    )
    return { code, tookMs: monotonicMs() - begun }
  })
  // The clock jumps now, while the calls wait.
  process.send?.('waiting')
  const settled = await Promise.all(calls)
  await client.echo({ deadlineMs: 30_000 })
  return {
    tookMs: settled.map(({ tookMs }) => tookMs),
    codes: settled.map(({ code }) => code),
    state: client.$connection.state,
    dateMs: Date.now(),
  }
}

process.on('message', (asked) => {
  if (asked === 'measure') void measure().then((measured) => process.send?.(measured))
})
process.once('disconnect', async () => {
  await client.$close()
  await server.close()
})
process.send?.('ready')
