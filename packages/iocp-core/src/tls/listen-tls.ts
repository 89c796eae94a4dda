import { createServer, type Server, type TLSSocket } from 'node:tls'
import { aFunction, readOptions } from '../arguments/read-options.ts'
import type { CompletionPort, Listener, SkippedAddress } from '../contract/completion-port.ts'
import type { Connection } from '../contract/connection.ts'
import { listenOptions } from '../core/socket-options.ts'
import { ConnectionDuplex } from '../duplex/to-duplex.ts'
import type { Endpoint } from '../endpoint/endpoint.ts'
import { IocpError } from '../iocp-error.ts'
import { limits } from '../limits.ts'
import { asyncDispose } from '../platform/async-dispose.ts'
import { contextOptionsOf, secureContextOf } from './certificates.ts'
import {
  serverCertificateReaders,
  serverReaders,
  type TlsListenOptions,
  type TlsServerOptions,
} from './options.ts'
import { defaultWatermarks, type Watermarks } from './send-queue.ts'
import { NamedContexts, type ServerCertificates } from './server-certificates.ts'
import { TlsConnection } from './tls-connection.ts'
import { parseTlsEndpoint, type TlsEndpoint, tlsUrl, withTlsUrls } from './tls-endpoint.ts'
import { alpnProtocol, factsOf } from './tls-facts.ts'

/** A listener with TLS. Its endpoints are those of TCP, its URLs are `tls://…`. */
export interface TlsListener extends Listener {
  /**
   * Replaces the certificates for handshakes that begin from now on. Members that are not given keep their values: `{ cert, key }` keeps `ca` and
   * `serverNames`. Open connections and handshakes in progress are not affected.
   *
   * @throws IocpError `INVALID_CERTIFICATES`, `INVALID_ARGUMENT`. The old certificates stay in use then
   */
  replaceCertificates(certificates: ServerCertificates): void
}

/**
 * Listens with TLS (RFC 8446) on a port. The minimum version is TLS 1.2. A client that requests a protocol other than `frameport/1` (ALPN, RFC 7301)
 * is rejected; one that requests none is accepted.
 *
 * @example
 * ```ts
 * const listener = await listenTls(port, 'tls://0.0.0.0:5500', serve, { cert: readFileSync('cert.pem'), key: readFileSync('key.pem') })
 * ```
 *
 * @param endpoint `tls://HOST:PORT`, or an endpoint object; port 0 for any free port
 * @param onConnection called as soon as a client has connected, before its handshake, so that these connections can be counted, too. Sent bytes wait
 *   for the handshake. If it fails, the connection closes with the reason
 * @param given the options. `cert` and `key` are required
 * @param watermarks of each connection; those of the port apply to the connection below
 * @throws IocpError (the promise rejects) as `port.listen`; `INVALID_CERTIFICATES`
 */
export async function listenTls(
  port: CompletionPort,
  endpoint: TlsEndpoint | string,
  onConnection: (connection: TlsConnection) => void,
  given: TlsListenOptions = {},
  watermarks: Watermarks = defaultWatermarks,
): Promise<TlsListener> {
  const below = parseTlsEndpoint(endpoint)
  const told = aFunction<typeof onConnection>(onConnection, 'onConnection')
  const options = readOptions<TlsListenOptions>(given, 'listenTls', { ...listenOptions, ...serverReaders })
  const { cert, key, passphrase, ca, requestClientCert, serverNames, handshakeTimeoutMs, ...ofSocket } =
    options
  const handshakes = new Handshakes(tlsUrl(below), { requestClientCert, handshakeTimeoutMs }, watermarks)
  handshakes.replaceCertificates({ cert, key, passphrase, ca, serverNames })
  const begin = (connection: Connection) => told(handshakes.begin(connection))
  const listener = await port.listen(below, begin, ofSocket).catch((error: unknown) => {
    throw withTlsUrls(error)
  })
  return new ListenerOfTls(listener, handshakes)
}

/** A rejected client has this much time to read the alert that says why: a reset would overtake it. */
const alertLingerMs = 1_000

/** Adds TLS to accepted connections, with a server of node:tls that does not listen. */
class Handshakes {
  readonly #url: string
  readonly #watermarks: Watermarks
  readonly #server: Server
  /** The connections by the object that node:tls calls the server of a socket: each has a view of its own. */
  readonly #connections = new WeakMap<object, TlsConnection>()
  readonly #checksClients: boolean
  #certificates: ServerCertificates = {}
  #named: NamedContexts | undefined

  constructor(
    url: string,
    {
      requestClientCert = false,
      handshakeTimeoutMs,
    }: Pick<TlsServerOptions, 'requestClientCert' | 'handshakeTimeoutMs'>,
    watermarks: Watermarks,
  ) {
    this.#url = url
    this.#watermarks = watermarks
    this.#checksClients = requestClientCert !== false
    this.#server = createServer({
      ALPNProtocols: [alpnProtocol],
      requestCert: requestClientCert !== false,
      // OpenSSL then refuses a client without a certificate, with an alert that says so.
      rejectUnauthorized: requestClientCert === true,
      handshakeTimeout: handshakeTimeoutMs ?? limits.handshakeTimeoutMs.default,
      SNICallback: (name, done) => done(null, this.#named?.of(name)),
    })
    this.#server.on('secureConnection', (socket) => this.#secured(socket))
    this.#server.on('tlsClientError', (error, socket) => this.#failed(error, socket))
  }

  replaceCertificates(given: ServerCertificates): void {
    const whose = `the certificates of ${this.#url}`
    const replaced = readOptions<ServerCertificates>(given, 'replaceCertificates', serverCertificateReaders)
    // A certificate comes with its key and the passphrase of the key.
    const { ca, serverNames } = this.#certificates
    const certificates =
      replaced.cert === undefined && replaced.key === undefined
        ? { ...this.#certificates, ...replaced }
        : { ca, serverNames, ...replaced }
    if (this.#checksClients && certificates.ca === undefined)
      throw new IocpError('INVALID_CERTIFICATES', {
        detail: `${whose}: requestClientCert is set, but ca is missing, which names the authorities of client certificates`,
      })
    if (certificates.cert === undefined)
      throw new IocpError('INVALID_CERTIFICATES', {
        detail: `${whose}: cert is missing, but a server needs one`,
      })
    // Used for its errors: the server makes its own context.
    secureContextOf(certificates, whose)
    const named = new NamedContexts(certificates, whose)
    this.#server.setSecureContext(contextOptionsOf(certificates))
    this.#named = named
    this.#certificates = certificates
  }

  begin(connection: Connection): TlsConnection {
    const stream = new ConnectionDuplex(connection, false)
    stream.lingerMs = alertLingerMs
    const above = new TlsConnection(connection, stream, this.#watermarks)
    // node:tls accepts any stream through this event, and identifies its new socket only by the server.
    const view: Server = Object.create(this.#server)
    this.#connections.set(view, above)
    view.emit('connection', stream)
    return above
  }

  #secured(socket: TLSSocket): void {
    const above = this.#of(socket)
    // Requested but not required: a client may have none, but an invalid one is rejected.
    const isWrong = socket.authorizationError !== null && socket.getPeerX509Certificate() !== undefined
    if (above === undefined) socket.destroy()
    else if (isWrong) above.broke(authorizationErrorOf(socket))
    else
      above.secured(
        socket,
        factsOf(socket, typeof socket.servername === 'string' ? socket.servername : undefined),
      )
  }

  #failed(error: Error, socket: TLSSocket): void {
    // The error of a socket that node:tls refused is reported there; here it is only destroyed.
    this.#of(socket)?.broke(socket.authorizationError === null ? error : authorizationErrorOf(socket))
  }

  #of(socket: TLSSocket): TlsConnection | undefined {
    const { server } = socket as { readonly server?: object }
    return server === undefined ? undefined : this.#connections.get(server)
  }
}

function authorizationErrorOf({ authorizationError: code }: TLSSocket): Error {
  return Object.assign(new Error(`the certificate of the client was rejected (${code})`), {
    code: String(code),
  })
}

class ListenerOfTls implements TlsListener {
  readonly #listener: Listener
  readonly #handshakes: Handshakes

  constructor(listener: Listener, handshakes: Handshakes) {
    this.#listener = listener
    this.#handshakes = handshakes
  }

  get backend(): Listener['backend'] {
    return this.#listener.backend
  }

  get endpoint(): Endpoint {
    return this.#listener.endpoint
  }

  get endpoints(): readonly Endpoint[] {
    return this.#listener.endpoints
  }

  get url(): string {
    return tlsUrl(this.#listener.endpoint)
  }

  get urls(): readonly string[] {
    return this.#listener.endpoints.map(tlsUrl)
  }

  get skipped(): readonly SkippedAddress[] {
    return this.#listener.skipped
  }

  get connections(): number {
    return this.#listener.connections
  }

  replaceCertificates(certificates: ServerCertificates): void {
    this.#handshakes.replaceCertificates(certificates)
  }

  close(): Promise<void> {
    return this.#listener.close()
  }

  [asyncDispose](): Promise<void> {
    return this.close()
  }
}
