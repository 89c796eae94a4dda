import type { CompletionPort } from '@frameport/iocp-core'
import { EchoCheck, type EchoResult } from './echo-check.ts'
import { phases } from './phases.ts'
import { Randomness } from './random-bytes.ts'

export interface EchoClientOptions {
  readonly host: string
  readonly port: number
  readonly count: number
  readonly seed: number
  readonly frameBytesMax: number
  readonly timeoutMs: number
  /** Called with every problem. */
  readonly log: (line: string) => void
  /** Called after each phase. */
  readonly progress: (line: string) => void
}

/** The time that a server has to accept a connection, however long the whole check may take. */
const connectTimeoutMs = 10_000

/** Runs every phase against an echo server. Never rejects: a problem is a failed check. */
export async function checkEchoServer(port: CompletionPort, options: EchoClientOptions): Promise<EchoResult> {
  const timeoutMs = Math.min(connectTimeoutMs, options.timeoutMs)
  try {
    const endpoint = { kind: 'tcp', host: options.host, port: options.port } as const
    const connection = await port.connect(endpoint, { timeoutMs })
    return await runPhases(new EchoCheck(connection, options.frameBytesMax, options.log), options)
  } catch (error) {
    options.log(`connect: ${(error as Error).message}`)
    return { passed: 0, failed: 1 }
  }
}

async function runPhases(check: EchoCheck, options: EchoClientOptions): Promise<EchoResult> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`no end after ${options.timeoutMs / 1000} s`)),
      options.timeoutMs,
    )
  })
  try {
    await Promise.race([runAll(check, options), timeout])
    return check.finish()
  } catch (error) {
    return check.finish(error as Error)
  } finally {
    clearTimeout(timer)
  }
}

async function runAll(check: EchoCheck, options: EchoClientOptions): Promise<void> {
  const { count, frameBytesMax } = options
  const plan = { random: new Randomness(options.seed), count, frameBytesMax }
  for (const phase of phases) {
    await phase.run(check, plan)
    options.progress(`${phase.name}: ${check.passed} passed, ${check.failed} failed`)
  }
}
