import type { BackendName } from '../src/index.ts'
import type { Skip } from './conformance-case.ts'
import { isWine } from './support/is-wine.ts'

const noUnixSockets: Skip = {
  reason:
    'iocp refuses unix endpoints with ENDPOINT_UNSUPPORTED: Windows has no overlapped accept or connect for them',
  cases: [
    'unix sockets carry both directions and half-close',
    'a unix path in use is refused, and the path is gone after the close',
    'aborting a unix connection with sends queued keeps nothing',
  ],
}

const sharedPipes: Skip = {
  reason: 'Wine lets a second listener have the name of a pipe in use',
  cases: ['a unix path in use is refused, and the path is gone after the close'],
}

const resetsLookLikeEnds: Skip = {
  reason:
    'Wine answers a receive after a reset as an end, and nothing there tells a reset from one behind an end',
  cases: ['a reset behind the end of the peer does not hide the end'],
}

/** What each back end is known not to do. Both ways: a skipped case that passes fails the run. */
export const skips: Readonly<Record<BackendName, readonly Skip[]>> = {
  iocp: isWine ? [noUnixSockets, resetsLookLikeEnds] : [noUnixSockets],
  io_uring: [],
  epoll: [],
  net: isWine ? [sharedPipes, resetsLookLikeEnds] : [],
}
