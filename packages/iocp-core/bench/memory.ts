import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Programs } from './build-programs.ts'
import type { Contestant } from './contestants.ts'
import { measure } from './measure.ts'
import { loadCore, ServerProcess } from './server-process.ts'

export interface IdleMemory {
  readonly contestant: string
  /** Resident memory of the server with no connection, and with each number of idle ones. */
  readonly residentBytes: readonly { readonly connections: number; readonly bytes: number }[]
  /** Memory of one idle connection, computed from the two highest numbers of connections. */
  readonly bytesPerConnection: number
}

/**
 * The young generation of V8 grows from 1 to 16 MiB while new objects survive, and the result would count this as
 * memory of connections. So it keeps its first size here, and a load before the measurement touches all of it.
 */
const nodeFlags = ['--max-semi-space-size=1']
const warmUp = { warmUpMs: 0, measureMs: 400 }

/** Starts a new server and opens connections to it. Each echoes one frame and is idle afterwards. */
export async function measureIdleMemory(
  programs: Programs,
  contestant: Contestant,
  amounts: readonly number[],
): Promise<IdleMemory> {
  const server = await ServerProcess.start(contestant, programs, nodeFlags)
  await measure(programs.load, server, 64, { connections: 64, depth: 16 }, warmUp)
  const args = ['-c', String(loadCore), programs.load, 'hold', contestant.format, server.port]
  const clients = spawn('taskset', [...args, ...amounts.map(String)], { stdio: ['pipe', 'pipe', 'inherit'] })
  try {
    const residentBytes = [{ connections: 0, bytes: await server.residentBytes() }]
    const held = createInterface(clients.stdout)[Symbol.asyncIterator]()
    for (const connections of amounts) {
      const { value } = await held.next()
      if (value !== `held ${connections}`) throw new Error(`${contestant.name} did not hold ${connections}.`)
      residentBytes.push({ connections, bytes: await server.residentBytes() })
      clients.stdin.write('\n')
    }
    return { contestant: contestant.name, residentBytes, bytesPerConnection: slope(residentBytes) }
  } finally {
    await ended(clients)
    await server.stop()
  }
}

function slope(points: IdleMemory['residentBytes']): number {
  const [before, after] = points.slice(-2)
  if (before === undefined || after === undefined) return Number.NaN
  return (after.bytes - before.bytes) / (after.connections - before.connections)
}

function ended(child: ChildProcess): Promise<unknown> {
  child.stdin?.end()
  if (child.exitCode !== null) return Promise.resolve()
  return new Promise((resolve) => child.once('exit', resolve))
}
