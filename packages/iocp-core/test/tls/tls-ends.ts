import { until } from '../../../../tests/support/until.ts'
import { type CompletionPort, createCompletionPort } from '../../src/index.ts'
import {
  connectTls,
  listenTls,
  type TlsConnection,
  type TlsConnectOptions,
  type TlsListener,
  type TlsListenOptions,
  type Watermarks,
} from '../../src/tls.ts'

/** One end of a connection, with the events that it got. */
export class TlsEnd {
  readonly connection: TlsConnection
  readonly chunks: Buffer[] = []
  ends = 0
  drains = 0
  /** The errors of its closes: there is at most one close. */
  readonly closes: (Error | undefined)[] = []

  constructor(connection: TlsConnection) {
    this.connection = connection
    connection.start({
      data: (chunk) => void this.chunks.push(Buffer.from(chunk)),
      end: () => {
        this.ends += 1
      },
      drain: () => {
        this.drains += 1
      },
      close: (error) => void this.closes.push(error),
    })
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString()
  }

  get bytes(): number {
    return this.chunks.reduce((sum, { length }) => sum + length, 0)
  }

  async closed(): Promise<Error | undefined> {
    await until(() => this.closes.length > 0)
    return this.closes[0]
  }
}

/** A port with a TLS server and its clients. */
export class TlsHouse {
  readonly port: CompletionPort
  readonly served: TlsEnd[] = []
  readonly #watermarks: Watermarks | undefined
  #listener: TlsListener | undefined

  constructor(backend?: CompletionPort['backend'], watermarks?: Watermarks) {
    this.port = createCompletionPort({ poisonLentBytes: true, ...(backend === undefined ? {} : { backend }) })
    this.#watermarks = watermarks
  }

  get listener(): TlsListener {
    if (this.#listener === undefined) throw new Error('nobody listens yet')
    return this.#listener
  }

  async listen(options: TlsListenOptions): Promise<this> {
    const accepted = (connection: TlsConnection) => void this.served.push(new TlsEnd(connection))
    this.#listener = await listenTls(this.port, 'tls://127.0.0.1:0', accepted, options, this.#watermarks)
    return this
  }

  async connect(options: TlsConnectOptions, url = this.listener.url): Promise<TlsEnd> {
    return new TlsEnd(await connectTls(this.port, url, options, this.#watermarks))
  }

  /** The error of an attempt to connect. */
  async refusal(options: TlsConnectOptions, url?: string): Promise<unknown> {
    try {
      const end = await this.connect(options, url)
      // With TLS 1.3 a client is connected before the server has checked its certificate. Only a sender sees a reset
      // after an end.
      await until(() => {
        end.connection.send(Buffer.from('hello'))
        return end.closes.length > 0
      })
      return end.closes[0]
    } catch (error) {
      return error
    }
  }

  /** The error with which the server closed the latest connection. */
  async served1(): Promise<Error | undefined> {
    await until(() => this.served.length > 0)
    return this.served.at(-1)?.closed()
  }

  /** @throws if anything is still open */
  async close(): Promise<void> {
    await this.#listener?.close()
    for (const { connection } of this.served) connection.abort()
    await until(() => this.port.counters.connections === 0)
    await this.port.close()
    const left = Object.entries(this.port.counters).filter(([, count]) => count !== 0)
    if (left.length > 0) throw new Error(`left: ${JSON.stringify(left)}`)
    const twice = this.served.filter(({ closes }) => closes.length > 1)
    if (twice.length > 0) throw new Error('a connection was closed twice')
  }
}

/** Lets the house listen while `run` runs. Nothing may be open afterwards. */
export async function withHouse(
  house: TlsHouse,
  options: TlsListenOptions,
  run: (house: TlsHouse) => Promise<void>,
): Promise<void> {
  await house.listen(options)
  try {
    await run(house)
  } finally {
    await house.close()
  }
}
