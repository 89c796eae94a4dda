import { connect, type NetConnectOpts, type Socket } from 'node:net'
import type { ConnectOptions } from '../contract/completion-port.ts'
import type { DriverConnection } from '../contract/driver.ts'
import type { Endpoint } from '../endpoint/endpoint.ts'
import { endpointUrl } from '../endpoint/parse-endpoint.ts'
import { IocpError } from '../iocp-error.ts'
import { lend, type ReceiveMemory } from '../memory/receive-memory.ts'
import { NetConnection } from './net-connection.ts'
import { localEndpoint, remoteEndpoint } from './net-endpoints.ts'
import type { NetState } from './net-state.ts'
import { withKnownZone } from './zone.ts'

/** Bun passes buffers of its own to `onread` and continues after a pause; Deno ignores the option. Both use 'data'. */
const readsIntoGivenBuffer = process.versions.bun === undefined && process.versions.deno === undefined

/** One attempt to one address. Settles when the socket is connected, or closed and freed. */
export function netConnect(
  state: NetState,
  endpoint: Endpoint,
  options: ConnectOptions,
  signal: AbortSignal,
  received: ReceiveMemory,
): Promise<DriverConnection> {
  const target = { connection: undefined as NetConnection | undefined }
  const socket = open(endpoint, options, received, target)
  // Nothing is read before the core requests it.
  socket.pause()
  state.added(socket)
  state.operationsInFlight++

  return new Promise((resolve, reject) => {
    let failure: IocpError | undefined
    const abort = () => socket.destroy()
    const failed = (error: Error) => {
      failure = IocpError.from(error, 'connect', endpointUrl(endpoint))
    }
    const settled = () => {
      state.operationsInFlight--
      signal.removeEventListener('abort', abort)
      socket.off('error', failed)
      socket.off('close', closed)
    }
    const closed = () => {
      settled()
      state.removed(socket)
      reject(failure ?? new IocpError('ABORTED', { detail: `connect ${endpointUrl(endpoint)}` }))
    }
    signal.addEventListener('abort', abort, { once: true })
    socket.on('error', failed)
    socket.on('close', closed)
    socket.once('connect', () => {
      const local = localEndpoint(socket, endpoint)
      const remote = remoteEndpoint(socket, endpoint)
      if (local === undefined || remote === undefined) {
        failed(Object.assign(new Error('gone as it was connected'), { code: 'ECONNRESET' }))
        socket.destroy()
        return
      }
      settled()
      target.connection = new NetConnection(socket, state, local, remote)
      resolve(target.connection)
    })
  })
}

function open(
  endpoint: Endpoint,
  options: ConnectOptions,
  received: ReceiveMemory,
  target: { readonly connection: NetConnection | undefined },
): Socket {
  const common = {
    allowHalfOpen: true,
    noDelay: options.noDelay ?? true,
    keepAlive: options.keepAliveIdleMs !== undefined,
    keepAliveInitialDelay: options.keepAliveIdleMs ?? 0,
    ...(readsIntoGivenBuffer ? { onread: readInto(received, target) } : {}),
  }
  if (endpoint.kind === 'unix') return connect({ ...common, path: endpoint.path } satisfies NetConnectOpts)
  const host = withKnownZone(endpoint.host, 'connect')
  return connect({ ...common, host, port: endpoint.port, autoSelectFamily: false } satisfies NetConnectOpts)
}

function readInto(received: ReceiveMemory, target: { readonly connection: NetConnection | undefined }) {
  return {
    buffer: new Uint8Array(received.buffer),
    callback(bytes: number): boolean {
      return target.connection?.receivedInto(lend(received, 0, bytes)) ?? true
    },
  }
}
