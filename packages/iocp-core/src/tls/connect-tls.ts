import { isIP } from 'node:net'
import { connect } from 'node:tls'
import { readOptions } from '../arguments/read-options.ts'
import type { CompletionPort } from '../contract/completion-port.ts'
import type { Connection } from '../contract/connection.ts'
import { connectOptions } from '../core/socket-options.ts'
import { ConnectionDuplex } from '../duplex/to-duplex.ts'
import { IocpError } from '../iocp-error.ts'
import { limits } from '../limits.ts'
import { nowMs, startTimer } from '../platform/real-timers.ts'
import { secureContextOf } from './certificates.ts'
import { clientReaders, type TlsConnectOptions } from './options.ts'
import { defaultWatermarks, type Watermarks } from './send-queue.ts'
import { TlsConnection } from './tls-connection.ts'
import { parseTlsEndpoint, type TcpEndpoint, type TlsEndpoint, tlsUrl, withTlsUrls } from './tls-endpoint.ts'
import { alpnProtocol, factsOf } from './tls-facts.ts'

/**
 * Connects with TLS (RFC 8446) over a connection of `port`. Resolves when the handshake is done and the certificate of the server has passed every
 * check: it is valid now, was issued by an authority that this side trusts, and is for the requested name. The minimum version is TLS 1.2.
 *
 * The client requests the protocol `frameport/1` (ALPN, RFC 7301). It also accepts a server without ALPN, such as a proxy that terminates TLS.
 *
 * @example
 * ```ts
 * const connection = await connectTls(port, 'tls://chat.example.com:5500', { ca: readFileSync('ca.pem') })
 * ```
 *
 * @param endpoint `tls://HOST:PORT`, or an endpoint object
 * @param given the options. `timeoutMs` includes the handshake
 * @param watermarks of the connection; those of the port apply to the connection below
 * @throws IocpError (the promise rejects) as `port.connect`; `INVALID_CERTIFICATES`, `CERTIFICATE_REFUSED`, `REFUSED_BY_PEER`, `TLS_NOT_SPOKEN`, `TLS_FAILED`
 */
export async function connectTls(
  port: CompletionPort,
  endpoint: TlsEndpoint | string,
  given: TlsConnectOptions = {},
  watermarks: Watermarks = defaultWatermarks,
): Promise<TlsConnection> {
  const below = parseTlsEndpoint(endpoint)
  const options = readOptions<TlsConnectOptions>(given, 'connectTls', { ...connectOptions, ...clientReaders })
  const { serverName, cert, key, passphrase, ca, ...ofSocket } = options
  const secureContext = secureContextOf(
    { cert, key, passphrase, ca },
    `the certificates for ${tlsUrl(below)}`,
  )
  const timeoutMs = options.timeoutMs ?? limits.connectTimeoutMs.default
  const beganAtMs = nowMs()
  const connection = await port.connect(below, ofSocket).catch((error: unknown) => {
    throw withTlsUrls(error)
  })
  return secured(connection, below, {
    serverName,
    secureContext,
    watermarks,
    signal: options.signal,
    timeoutMs,
    leftMs: Math.max(1, timeoutMs - (nowMs() - beganAtMs)),
  })
}

interface Handshake {
  readonly serverName: string | undefined
  readonly secureContext: ReturnType<typeof secureContextOf>
  readonly watermarks: Watermarks
  readonly signal: AbortSignal | undefined
  readonly timeoutMs: number
  /** Of that. */
  readonly leftMs: number
}

function secured(
  connection: Connection,
  { host, port }: TcpEndpoint,
  handshake: Handshake,
): Promise<TlsConnection> {
  const { secureContext, watermarks, signal, timeoutMs, leftMs } = handshake
  const stream = new ConnectionDuplex(connection, false)
  const above = new TlsConnection(connection, stream, watermarks)
  // An address is not a name (RFC 6066, section 3). node:tls still checks it, as `host`.
  const serverName = handshake.serverName ?? (isIP(host) === 0 ? host : undefined)
  const socket = connect({
    socket: stream,
    host,
    port,
    ...(serverName === undefined ? {} : { servername: serverName }),
    secureContext,
    ALPNProtocols: [alpnProtocol],
    // Set explicitly, so that the environment cannot turn it off (NODE_TLS_REJECT_UNAUTHORIZED).
    rejectUnauthorized: true,
  })
  socket.on('error', (error) => above.broke(error))
  socket.once('secureConnect', () => above.secured(socket, factsOf(socket, serverName)))
  return new Promise((resolve, reject) => {
    const late = () => {
      const detail = `connect ${above.remoteUrl}, in the TLS handshake (${timeoutMs} ms)`
      above.abort(new IocpError('CONNECT_TIMEOUT', { detail }))
    }
    const timer = startTimer(leftMs, late)
    const abort = () => above.abort(new IocpError('ABORTED', { detail: 'connect', cause: signal?.reason }))
    signal?.addEventListener('abort', abort, { once: true })
    above.onHandshake((error) => {
      timer.cancel()
      signal?.removeEventListener('abort', abort)
      if (error === undefined) resolve(above)
      else reject(error)
    })
    if (signal?.aborted === true) abort()
  })
}
