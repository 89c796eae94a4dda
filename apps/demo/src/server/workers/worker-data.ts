import { hostname } from 'node:os'
import { limits } from '../../limits.ts'
import type { ServerOptions } from '../options.ts'

/** The data that the main thread passes to each worker. */
export interface ChatWorkerData {
  readonly options: ServerOptions
  /** Standard output is a terminal. A worker cannot see it. */
  readonly isTTY: boolean
  readonly pagePort: PagePort
  /** Names the process to other servers. */
  readonly process: string
}

/**
 * The port of the page in shared memory, or 0 until it is known. The first worker sets it, the main thread prints it,
 * and a successor of that worker serves the page on the same port, even if that was a free port chosen by the system.
 */
export type PagePort = Int32Array<SharedArrayBuffer>

export function newPagePort(): PagePort {
  return new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
}

/** The name under which the workers request the log of the main thread. */
export const logName = 'chat'

/**
 * The label of workers without the option `--label`. Machines that share NATS show their figures in one table, in which
 * the name of the machine distinguishes their workers.
 */
export function defaultWorkerLabel(hasNats: boolean, host = hostname()): string {
  const [name = ''] = host.split('.')
  return hasNats && name !== '' ? name : 'worker'
}

/** The name of a worker in the figures. A long label is shortened to make room for the number. */
export function workerLabel(label: string, index: number): string {
  const number = ` ${index}`
  return [...label].slice(0, limits.serverLabelCharactersMax - number.length).join('') + number
}

/** The worker that serves the page. */
export const pageWorker = 0
