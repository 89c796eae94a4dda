import { readVariable } from '../platform/read-variable.ts'
import type { NativeAddon } from './addon-types.ts'

/**
 * Who wakes JavaScript when something completes while its port sleeps. `loop`: the event loop of the process watches
 * the port, by libuv's uv_poll. `thread`: a thread of the port waits and queues a call, which costs sparse traffic some
 * ten microseconds and a context switch more.
 */
export type Waker = 'loop' | 'thread'

/** `FRAMEPORT_WAKER=loop` asks for the event loop. */
export const wakerVariable = 'FRAMEPORT_WAKER'

/** Bun ends the process when a program asks it for uv_poll, and Deno answers once; Electron drives its loop by itself. */
const othersLoops = ['bun', 'deno', 'electron']

type Versions = Readonly<Record<string, string | undefined>>
type FoundLoop = Pick<NativeAddon, 'findsLoop'>

/** Whether the event loop of this program can be asked to watch a port. */
export function hasLoop({ findsLoop }: FoundLoop, versions: Versions = process.versions): boolean {
  return findsLoop && othersLoops.every((name) => versions[name] === undefined)
}

/**
 * The thread, unless the environment asks for the event loop and there is one. It will be the other way round when it is known why a case of the
 * conformance suite waited in vain once, under AddressSanitizer on a busy machine (docs/adr/0064-who-wakes-javascript.md).
 */
export function chooseWaker(
  addon: FoundLoop,
  versions?: Versions,
  named = readVariable(wakerVariable),
): Waker {
  return named === 'loop' && hasLoop(addon, versions) ? 'loop' : 'thread'
}
