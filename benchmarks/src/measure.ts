import type { Unit } from '../support/messages.ts'
import { type Program, withPair } from './program-pair.ts'

/** One run of one program. Units are calls, or items of a stream. */
export interface Run {
  readonly program: string
  readonly unit: Unit
  readonly unitsPerSecond: number
  /** Of all threads of that process: what others on the machine take is not in it. */
  readonly serverUs: number
  readonly clientUs: number
}

/**
 * Processes live for one run: what differs from one process to the next (the order in which V8 compiles, where memory
 * lies) is then chance between runs, which the statistics see, and not a fixed advantage of one program.
 */
export function measure(program: Program, measureMs: number): Promise<Run> {
  return withPair(program, [], async ({ server, client }) => {
    await client.warmUp()
    const [serverBefore, clientBefore] = [server.cpuNs(), client.cpuNs()]
    const { units, elapsedMs } = await client.run(measureMs)
    return {
      program: program.name,
      unit: client.ready.unit ?? 'call',
      unitsPerSecond: (units / elapsedMs) * 1000,
      serverUs: (server.cpuNs() - serverBefore) / units / 1000,
      clientUs: (client.cpuNs() - clientBefore) / units / 1000,
    }
  })
}
