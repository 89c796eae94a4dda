import type { BackendChoice, CompletionPort, Endpoint, ListenOptions } from '@frameport/iocp-core'
import type { ServerTransport } from '../server-transport.ts'
import { openOwnPort } from './own-port.ts'
import { type LazyPort, tcpAcceptor } from './tcp-acceptor.ts'

const listenNames: Readonly<Record<keyof ListenOptions, true>> = {
  noDelay: true,
  keepAliveIdleMs: true,
  resetOnClose: true,
  backlog: true,
  reusePort: true,
  ipv6Only: true,
  connectionsMax: true,
  unixMode: true,
  onAcceptError: true,
}

/** The names of the listener options. The port checks their values. */
export const listenOptionNames: readonly string[] = Object.keys(listenNames)

/** TCP and unix sockets, on one completion port for all listeners of a server. */
export function tcpTransport(port: LazyPort): ServerTransport {
  return {
    schemes: ['tcp', 'unix'],
    optionNames: listenOptionNames,
    acceptor: (target, options) => tcpAcceptor(target as Endpoint | string, options, port),
    close: () => port.close(),
  }
}

/** Uses a given port, which stays open; otherwise the first listener opens one. */
export function lazyPort(given: CompletionPort | undefined, backend: BackendChoice | undefined): LazyPort {
  let own: CompletionPort | undefined
  return {
    get() {
      if (given !== undefined) return given
      own ??= openOwnPort(backend)
      return own
    },
    close: async () => own?.close(),
  }
}
