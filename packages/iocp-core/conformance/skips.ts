import type { BackendName } from '../src/index.ts'
import type { Skip } from './conformance-case.ts'

/** What each back end is known not to do. Both ways: a skipped case that passes fails the run. */
export const skips: Readonly<Record<BackendName, readonly Skip[]>> = {
  iocp: [],
  io_uring: [],
  epoll: [],
  net: [],
}
