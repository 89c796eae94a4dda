import { createServer, type Server } from 'node:net'
import type { ListenOptions } from '../contract/completion-port.ts'
import type { DriverListener, ListenerEvents } from '../contract/driver.ts'
import type { Endpoint } from '../endpoint/endpoint.ts'
import { endpointUrl } from '../endpoint/parse-endpoint.ts'
import { plainAddress } from '../endpoint/plain-address.ts'
import { IocpError } from '../iocp-error.ts'
import { limits } from '../limits.ts'
import { immediately } from '../platform/real-timers.ts'
import { NetConnection } from './net-connection.ts'
import { localEndpoint, remoteEndpoint } from './net-endpoints.ts'
import { destroyWithReset, type NetState } from './net-state.ts'
import { withKnownZone } from './zone.ts'

/**
 * Listens with node:net. If descriptors run out, libuv accepts and closes waiting clients (with its spare descriptor),
 * so their connections end at once. Errors that node reports are passed to `acceptFailed`.
 */
export async function netListen(
  state: NetState,
  endpoint: Endpoint,
  options: ListenOptions,
  events: ListenerEvents,
  bindPath?: string,
): Promise<DriverListener> {
  if (options.reusePort === true) refuseReusePort()
  const server = createServer({
    allowHalfOpen: true,
    pauseOnConnect: true,
    noDelay: options.noDelay ?? true,
    keepAlive: options.keepAliveIdleMs !== undefined,
    keepAliveInitialDelay: options.keepAliveIdleMs ?? 0,
    // A paused socket reads one more chunk, and later bytes stay in the kernel: in the stream they would be memory
    // that is not counted, and would be delivered in as many parts as they arrived in.
    highWaterMark: 1,
  })
  server.on('connection', (socket) => {
    const local = localEndpoint(socket, endpoint)
    const remote = remoteEndpoint(socket, endpoint)
    if (local === undefined || remote === undefined) {
      destroyWithReset(socket, endpoint.kind === 'tcp')
      return events.acceptFailed(IocpError.fromErrno('ECONNABORTED', 'accept', endpointUrl(endpoint)))
    }
    state.added(socket)
    events.accepted(new NetConnection(socket, state, local, remote))
  })
  const at: Endpoint = bindPath === undefined ? endpoint : { kind: 'unix', path: bindPath }
  await bind(server, at, options, endpoint)
  server.on('error', (error) => events.acceptFailed(IocpError.from(error, 'accept', endpointUrl(endpoint))))
  return opened(server, state, endpoint)
}

function refuseReusePort(): never {
  throw new IocpError('OPTION_UNSUPPORTED', {
    detail: 'reusePort on back end net, because node:net has it only since Node.js 23.1',
    fix: "Omit reusePort, or use the back end 'epoll'.",
  })
}

function bind(server: Server, at: Endpoint, options: ListenOptions, shown: Endpoint): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error) => reject(IocpError.from(error, 'listen', endpointUrl(shown)))
    server.once('error', failed)
    server.once('listening', () => {
      server.off('error', failed)
      resolve()
    })
    const common = { backlog: options.backlog ?? limits.backlog.default, exclusive: true }
    if (at.kind === 'unix') {
      server.listen({ ...common, path: at.path })
    } else {
      const host = withKnownZone(at.host, 'listen')
      server.listen({ ...common, host, port: at.port, ipv6Only: options.ipv6Only ?? false })
    }
  })
}

function opened(server: Server, state: NetState, endpoint: Endpoint): DriverListener {
  state.listeners++
  state.operationsInFlight++
  state.added(server)
  const address = server.address()
  const bound: Endpoint =
    endpoint.kind === 'tcp' && address !== null && typeof address === 'object'
      ? { kind: 'tcp', host: plainAddress(address.address), port: address.port }
      : endpoint
  return {
    endpoint: bound,
    close() {
      return new Promise((resolve) => {
        server.close()
        // The descriptor is closed at once; the server's own 'close' would also wait for the connections.
        immediately(() => {
          state.listeners--
          state.operationsInFlight--
          state.removed(server)
          resolve()
        }, true)
      })
    },
  }
}
