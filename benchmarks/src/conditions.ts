import { cpus, loadavg, release } from 'node:os'
import { clientCore, serverCore } from './cores.ts'

/** @throws Error if processes cannot be pinned */
export function requireLinux(): void {
  if (process.platform !== 'linux')
    throw new Error('Calls are measured with pinned processes and /proc: that needs Linux.')
  if (cpus().length < 2) throw new Error('Server and client need a core each, and there is one.')
}

export function conditions(): string {
  const processor = cpus()[0]?.model ?? 'unknown processor'
  return [
    `Servers on core ${serverCore}, clients on core ${clientCore}, new processes for every round.`,
    `${processor}, ${cpus().length} cores, Linux ${release()}, Node ${process.version}. Load average before: ${loadavg()[0]?.toFixed(1)}.`,
    '',
  ].join('\n')
}
