import { type CreateClientOptions, createClient } from '@frameport/client'
import { target } from './contract.ts'
import { pause } from './pour.ts'

/** The experience of an innocent client: its calls, and the time that each took from the moment at which it was due. */
export interface Experience {
  readonly calls: number
  readonly failed: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

const perSecond = 100

/**
 * Makes a hundred small calls per second, even if earlier ones are not answered yet. The time of a late call counts
 * from the moment at which it was due, so that delays of later calls are measured, too.
 */
export async function goodCalls(
  port: number,
  seconds: number,
  options: CreateClientOptions = {},
): Promise<Experience> {
  const client = createClient(target, `tcp://127.0.0.1:${port}`, options)
  await client.$connection.opened()
  const tookMs: number[] = []
  let failed = 0
  const startedAtMs = performance.now()
  const calls = perSecond * seconds
  const running: Promise<void>[] = []
  for (let call = 0; call < calls; call++) {
    const dueAtMs = startedAtMs + (call * 1000) / perSecond
    const waitMs = dueAtMs - performance.now()
    if (waitMs > 0) await pause(waitMs)
    const answered = client.echo({ text: `call ${call}` }).then(
      () => void tookMs.push(performance.now() - dueAtMs),
      () => void failed++,
    )
    running.push(answered)
  }
  await Promise.all(running)
  await client.$close()
  tookMs.sort((a, b) => a - b)
  const at = (part: number) =>
    tookMs[Math.min(tookMs.length - 1, Math.floor(part * tookMs.length))] ?? Number.NaN
  return { calls, failed, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) }
}
