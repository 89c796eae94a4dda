import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { clientCore } from '../cores.ts'
import { CpuTime } from '../cpu-time.ts'

/** Debian installs the program in a folder that is not in the PATH of a plain user. */
const env = { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin` }

export interface NatsServer {
  readonly url: string
  cpuNs(): number
  stop(): Promise<void>
}

/**
 * A NATS server with JetStream, on a port that the system chooses, on the core of the clients.
 *
 * @throws Error if it does not start
 */
export async function startNatsServer(): Promise<NatsServer> {
  const folder = mkdtempSync(join(tmpdir(), 'frameport-scale-nats-'))
  const flags = ['--addr', '127.0.0.1', '--port', '-1', '--jetstream', '--store_dir', folder]
  const child = spawn('taskset', ['-c', String(clientCore), 'nats-server', ...flags], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let log = ''
  const port = await new Promise<string>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      log += text
      const found = /client connections on 127\.0\.0\.1:(\d+)/.exec(log)?.[1]
      if (found !== undefined && log.includes('Server is ready')) resolve(found)
    })
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`nats-server ended with ${code}:\n${log}`)))
  })
  const cpu = new CpuTime(child.pid!)
  return {
    url: `nats://127.0.0.1:${port}`,
    cpuNs: () => cpu.ns(),
    async stop() {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
