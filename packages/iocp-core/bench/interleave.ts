import { beforeOf, isReference } from './contestants.ts'
import { measure, type Run } from './measure.ts'
import type { BenchOptions, Setting } from './options.ts'
import type { ServerProcess } from './server-process.ts'
import { rotated } from './statistics.ts'

/**
 * Makes all runs of one place in their order: first each contestant that others are compared with, then rounds of all
 * contestants, then the first ones again.
 */
export async function interleave(
  load: string,
  servers: readonly ServerProcess[],
  payloadBytes: number,
  setting: Setting,
  options: BenchOptions,
): Promise<Run[]> {
  const names = new Set(servers.map(({ contestant }) => contestant.name))
  const isCompared = (name: string) =>
    names.has(beforeOf(name)) || [...names].some((of) => beforeOf(of) === name)
  const references = servers.filter(
    ({ contestant }) => isReference(contestant) || isCompared(contestant.name),
  )
  const rounds = Array.from({ length: options.rounds }, (_, round) => rotated(servers, round))
  const runs: Run[] = []
  for (const server of [...references, ...rounds.flat(), ...references]) {
    runs.push(await measure(load, server, payloadBytes, setting, options))
  }
  return runs
}
