import { hostname } from 'node:os'
import { limits } from '../../limits.ts'
import type { ServerOptions } from '../options.ts'

/** What the main thread gives each worker. */
export interface ChatWorkerData {
  readonly options: ServerOptions
  /** Standard output is a terminal. A worker cannot see it. */
  readonly isTTY: boolean
  readonly pagePort: PagePort
  /** Names the process to other servers. */
  readonly process: string
}

/**
 * One number in memory that the threads share: the port of the page, or 0 until it is known. The first worker sets it, the main thread prints it, and a successor of that worker
 * serves the page on the same port, also where that was any free one.
 */
export type PagePort = Int32Array<SharedArrayBuffer>

export function newPagePort(): PagePort {
  return new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
}

/** Under this name the workers ask the main thread for its log. */
export const logName = 'chat'

/**
 * The label of workers for which `--label` names none. Several machines show their figures in one table where they share NATS, so the name of the machine tells
 * their workers apart there.
 */
export function defaultWorkerLabel(hasNats: boolean, host = hostname()): string {
  const [name = ''] = host.split('.')
  return hasNats && name !== '' ? name : 'worker'
}

/** What a worker is called in the figures. The end of a long label makes room for the number. */
export function workerLabel(label: string, index: number): string {
  const number = ` ${index}`
  return [...label].slice(0, limits.serverLabelCharactersMax - number.length).join('') + number
}

/** The worker that serves the page. */
export const pageWorker = 0
