import { IocpError } from '../iocp-error.ts'
import { readVariable } from '../platform/read-variable.ts'
import type { NativeAddon } from './addon-types.ts'

/**
 * What wakes JavaScript when something completes while its port sleeps. `loop`: the event loop of the process watches
 * the port, by libuv's uv_poll. `thread`: a thread of the port waits and queues a call, which costs sparse traffic about
 * ten microseconds and one more context switch.
 */
export type Waker = 'loop' | 'thread'

/** `FRAMEPORT_WAKER=thread` keeps the port out of the event loop. */
export const wakerVariable = 'FRAMEPORT_WAKER'

/** Bun ends the process when a program calls uv_poll, and Deno answers only once; Electron and NW.js drive their loops themselves. */
const othersLoops = ['bun', 'deno', 'electron', 'nw', 'node-webkit']

type Versions = Readonly<Record<string, string | undefined>>
type FoundLoop = Pick<NativeAddon, 'findsLoop'>

/** Whether the event loop of this program can watch a port. */
export function hasLoop({ findsLoop }: FoundLoop, versions: Versions = process.versions): boolean {
  return findsLoop && othersLoops.every((name) => versions[name] === undefined)
}

/**
 * Returns `loop` if the event loop can watch a port, unless the environment selects the thread.
 *
 * @throws IocpError `INVALID_ARGUMENT` if the environment names neither, or a loop that cannot watch a port.
 */
export function chooseWaker(
  addon: FoundLoop,
  versions?: Versions,
  named = readVariable(wakerVariable),
): Waker {
  const canAsk = hasLoop(addon, versions)
  if (named === undefined) return canAsk ? 'loop' : 'thread'
  if (named === 'thread' || (named === 'loop' && canAsk)) return named
  const why =
    named === 'loop'
      ? 'but the event loop of this program cannot watch a port: only that of Node.js on Linux can'
      : 'not one of loop, thread'
  throw new IocpError('INVALID_ARGUMENT', { detail: `${wakerVariable} is '${named}', ${why}` })
}
