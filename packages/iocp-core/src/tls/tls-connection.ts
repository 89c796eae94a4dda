import type { TLSSocket } from 'node:tls'
import type { BackendName } from '../contract/backend-note.ts'
import type { Connection, ConnectionSink, SendVerdict } from '../contract/connection.ts'
import { asReason } from '../core/abort-reason.ts'
import { checkSink } from '../core/check-sink.ts'
import { iterateChunks } from '../core/chunk-iterator.ts'
import { onLateFailure } from '../core/late-failure.ts'
import type { ConnectionDuplex } from '../duplex/to-duplex.ts'
import type { Endpoint } from '../endpoint/endpoint.ts'
import { IocpError } from '../iocp-error.ts'
import { bytesIn, giveBackParts, partsOf } from '../memory/bytes.ts'
import { inMicrotask } from '../platform/real-timers.ts'
import { reportUncaught } from '../platform/report-uncaught.ts'
import { explainTls } from './explain.ts'
import { SendQueue, type Watermarks } from './send-queue.ts'
import { tlsUrl } from './tls-endpoint.ts'
import type { TlsFacts } from './tls-facts.ts'

/** `ending`: this side has ended its sending. `closing`: it was aborted. */
type Phase = 'handshake' | 'open' | 'ending' | 'closing' | 'closed' | 'told'

/**
 * A connection with TLS, above a connection of the port; `node:tls` implements TLS. What is sent before the end of the handshake is sent after it.
 * `connectTls` and `listenTls` make these connections: the constructor and the methods `onHandshake`, `secured` and `broke` are for them.
 *
 * Ownership: it owns a TLS socket, which owns the stream, which owns the connection below. Destroying one destroys those below it. This connection
 * is closed when the stream is closed, which holds no resources then.
 */
export class TlsConnection implements Connection {
  readonly #connection: Connection
  readonly #stream: ConnectionDuplex
  readonly #queue: SendQueue
  #socket: TLSSocket | undefined
  #facts: TlsFacts | undefined
  #sink: ConnectionSink | undefined
  #phase: Phase = 'handshake'
  /** Whether this side ended during the handshake. Then it ends after the handshake. */
  #endsBehind = false
  #isPaused = false
  /** Why it closes, set by the first cause. */
  #reason: Error | undefined
  /** Called once, when the handshake is done or has failed. */
  #onHandshake: ((error?: Error) => void) | undefined

  /** @param stream of `connection`; it does not destroy itself */
  constructor(connection: Connection, stream: ConnectionDuplex, watermarks: Watermarks) {
    this.#connection = connection
    this.#stream = stream
    this.#queue = new SendQueue(watermarks, () => this.#call(() => this.#sink?.drain()))
    stream.on('error', (error) => this.broke(error))
    stream.on('close', () => this.#closed())
    stream.on('end', () => this.#peerHasEnded())
  }

  get id(): number {
    return this.#connection.id
  }

  get backend(): BackendName {
    return this.#connection.backend
  }

  get localEndpoint(): Endpoint {
    return this.#connection.localEndpoint
  }

  get remoteEndpoint(): Endpoint {
    return this.#connection.remoteEndpoint
  }

  /** The address of the peer as a URL: `tls://192.0.2.1:51234`. */
  get remoteUrl(): string {
    return tlsUrl(this.#connection.remoteEndpoint)
  }

  /** The result of the handshake. `undefined` until it is done. */
  get tls(): TlsFacts | undefined {
    return this.#facts
  }

  get queuedBytes(): number {
    return this.#queue.bytes + this.#connection.queuedBytes
  }

  start(sink: ConnectionSink): void {
    if (this.#sink !== undefined) throw new IocpError('ALREADY_STARTED', { detail: `connection ${this.id}` })
    checkSink(sink)
    this.#sink = sink
    if (this.#phase === 'closed') inMicrotask(() => this.#tellClosed())
    else if (this.#socket !== undefined) this.#deliver(this.#socket)
  }

  send(bytes: Uint8Array | readonly Uint8Array[]): SendVerdict {
    // A copy, because the write below calls `partsOf`, too.
    const parts = [...partsOf(bytes)]
    giveBackParts()
    bytesIn(parts)
    if (this.#endsBehind || (this.#phase !== 'open' && this.#phase !== 'handshake')) return 'closed'
    if (this.#queue.add(parts)) return 'full'
    return this.queuedBytes === 0 ? 'sent' : 'queued'
  }

  drained(): Promise<void> {
    return this.#queue.drained()
  }

  pause(): void {
    this.#isPaused = true
    if (this.#sink !== undefined) this.#socket?.pause()
  }

  resume(): void {
    this.#isPaused = false
    if (this.#sink !== undefined) this.#socket?.resume()
  }

  end(): void {
    if (this.#phase === 'handshake') this.#endsBehind = true
    if (this.#phase !== 'open') return
    this.#phase = 'ending'
    this.#queue.flush()
    this.#socket?.end()
  }

  abort(error?: Error): void {
    if (this.#isOver) return
    this.#phase = 'closing'
    this.#reason ??= asReason(error)
    // Only a reset: a peer that sends nothing does not notice a reset after an end.
    this.#stream.lingerMs = 0
    this.#destroy()
    this.#stream.abort()
  }

  ref(): void {
    this.#connection.ref()
  }

  unref(): void {
    this.#connection.unref()
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return iterateChunks(this)
  }

  /**
   * Sets the function that is called once, when the handshake is done or has failed.
   *
   * @param told gets the reason if the handshake has failed
   */
  onHandshake(told: (error?: Error) => void): void {
    this.#onHandshake = told
  }

  /** Called when the handshake is done, and the peer has passed every check. */
  secured(socket: TLSSocket, facts: TlsFacts): void {
    if (this.#phase !== 'handshake') {
      socket.destroy()
      return
    }
    this.#socket = socket
    this.#facts = facts
    this.#phase = 'open'
    this.#stream.lingerMs = 0
    socket.on('error', (error) => this.broke(error))
    this.#tellHandshake()
    if (this.#sink !== undefined) this.#deliver(socket)
    this.#queue.begin(socket)
    if (this.#endsBehind) this.end()
  }

  /** Called when something below, or a check, has failed. It destroys everything below. */
  broke(error: unknown): void {
    if (this.#isOver) return
    this.#reason = this.#explained(error)
    this.#phase = 'closing'
    this.#destroy()
  }

  get #isOver(): boolean {
    return this.#phase === 'closing' || this.#phase === 'closed' || this.#phase === 'told'
  }

  #explained(error: unknown): Error {
    const explained = explainTls(error, this.remoteUrl)
    if (this.#phase !== 'handshake' || explained.code !== 'CONNECTION_RESET') return explained
    return new IocpError('CONNECTION_RESET', {
      detail: `${this.remoteUrl}, in the TLS handshake`,
      fix: 'The peer may not speak TLS, or may have rejected this side: see its log. The network may also have failed.',
      cause: explained,
    })
  }

  #deliver(socket: TLSSocket): void {
    const sink = this.#sink as ConnectionSink
    if (this.#isPaused) socket.pause()
    socket.on('data', (chunk: Buffer) => this.#call(() => sink.data(chunk)))
    socket.on('end', () => this.#call(() => sink.end()))
  }

  #destroy(): void {
    this.#queue.drop()
    this.#socket?.destroy()
    // The socket owns it, but during the handshake there may be no socket.
    this.#stream.destroy()
  }

  /** A peer that leaves during the handshake never ends it. This runs after node:tls has processed the last bytes, which may end it. */
  #peerHasEnded(): void {
    setImmediate(() => {
      if (this.#phase === 'handshake') this.broke(new IocpError('CONNECTION_RESET'))
    })
  }

  /** The stream is gone, and with it the connection. */
  #closed(): void {
    if (this.#phase === 'handshake') setImmediate(() => this.#closedInHandshake())
    else this.#finish()
  }

  /** Runs after node:tls's report, which follows the close of the stream. There is no report for a peer that has left. */
  #closedInHandshake(): void {
    this.broke(new IocpError('CONNECTION_RESET'))
    this.#finish()
  }

  #finish(): void {
    this.#phase = 'closed'
    this.#destroy()
    this.#tellHandshake(this.#reason)
    this.#tellClosed()
  }

  #tellHandshake(error?: Error): void {
    const told = this.#onHandshake
    this.#onHandshake = undefined
    told?.(error)
  }

  #tellClosed(): void {
    const sink = this.#sink
    if (sink === undefined || this.#phase !== 'closed') return
    this.#phase = 'told'
    this.#call(() => sink.close(this.#reason))
  }

  /** As for a connection of the port: after a callback fails, its position in the stream is unknown. */
  #call(callback: () => unknown): void {
    const failed = (error: unknown) => {
      reportUncaught(error)
      this.abort(new IocpError('CALLBACK_THREW', { detail: `connection ${this.id}`, cause: error }))
    }
    try {
      onLateFailure(callback(), failed)
    } catch (error) {
      failed(error)
    }
  }
}
