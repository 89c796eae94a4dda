import type { BackendName } from '../src/index.ts'
import type { Skip } from './conformance-case.ts'
import { isWine } from './support/is-wine.ts'
import { runtime } from './support/runtime.ts'

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
  cases: ['a reset after the end of the peer does not hide the end'],
}

const zones = 'the zone of an address is a whole number or the name of an interface, and nothing else'

/** What the `node:net` of other runtimes does otherwise than that of Node.js. Their native back ends are ours, and need no skip. */
const otherNet: Readonly<Record<typeof runtime, readonly Skip[]>> = {
  'Node.js': [],
  Bun: [
    {
      reason: 'the sockets of Bun drop what came in front of a reset, and say EPIPE',
      cases: ['a reset after the end of the peer does not hide the end'],
    },
    { reason: 'Bun listens at no address with a zone', cases: [zones] },
    {
      reason: 'Bun reports ECONNREFUSED for a path behind a file',
      cases: ['the error for a unix path below a file says that a part of the path is not a folder'],
    },
  ],
  Deno: [
    {
      reason: 'Deno reports EINVAL for an address that the machine does not have',
      cases: ['refuses an address that is not of this machine'],
    },
    {
      reason: 'Deno reports EPIPE for a send whose socket is destroyed',
      cases: ['closing the port with everything in flight ends every connection with PORT_CLOSED'],
    },
    { reason: 'Deno ignores the option ipv6Only', cases: ['ipv6Only keeps IPv4 out'] },
    { reason: 'Deno refuses a zone that is a name', cases: [zones] },
  ],
}

/** What each back end is known not to do. Both ways: a skipped case that passes fails the run. */
export const skips: Readonly<Record<BackendName, readonly Skip[]>> = {
  iocp: isWine ? [noUnixSockets, resetsLookLikeEnds] : [noUnixSockets],
  io_uring: [],
  epoll: [],
  net: [...(isWine ? [sharedPipes, resetsLookLikeEnds] : []), ...otherNet[runtime]],
}
