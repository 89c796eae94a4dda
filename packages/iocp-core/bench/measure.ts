import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { BenchOptions, Setting } from './options.ts'
import { loadCore, type ServerProcess } from './server-process.ts'

const run = promisify(execFile)

/** One run of one contestant at one place. */
export interface Run {
  readonly contestant: string
  readonly framesPerSecond: number
  /** CPU time of all threads of the server. It does not include the CPU time of other processes. */
  readonly framesPerCpuSecond: number
  readonly medianNs: number
  readonly p99Ns: number
  /** The highest 99th percentile of all connections. */
  readonly slowestP99Ns: number
}

interface LoadReport {
  readonly frames: number
  readonly elapsedNs: number
  readonly allFrames: number
  readonly medianNs: number
  readonly p99Ns: number
  readonly slowestP99Ns: number
}

/** @throws if an echo was wrong or missing: then the contestant has no figure */
export async function measure(
  load: string,
  server: ServerProcess,
  payloadBytes: number,
  { connections, depth }: Setting,
  { warmUpMs, measureMs }: Pick<BenchOptions, 'warmUpMs' | 'measureMs'>,
): Promise<Run> {
  const { name, format } = server.contestant
  const numbers = [connections, depth, payloadBytes, warmUpMs, measureMs].map(String)
  const cpuBefore = server.cpuNs()
  const { stdout } = await run('taskset', [
    '-c',
    String(loadCore),
    load,
    'run',
    format,
    server.port,
    ...numbers,
  ]).catch((error: { readonly stderr?: string }) => {
    const place = `${payloadBytes} bytes, ${connections} connections, depth ${depth}`
    throw new Error(`${name} failed at ${place}: ${error.stderr?.trim()}`, { cause: error })
  })
  const report = JSON.parse(stdout) as LoadReport
  return {
    contestant: name,
    framesPerSecond: (report.frames / report.elapsedNs) * 1e9,
    framesPerCpuSecond: (report.allFrames / (server.cpuNs() - cpuBefore)) * 1e9,
    medianNs: report.medianNs,
    p99Ns: report.p99Ns,
    slowestP99Ns: report.slowestP99Ns,
  }
}
