import assert from 'node:assert/strict'
import type { CompletionPort, Connection } from '../../src/index.ts'
import type { ConformanceContext } from '../conformance-case.ts'
import { digestOf, pattern } from './bytes.ts'
import { accepting } from './pair.ts'
import { Recorder, type RecorderHooks } from './recorder.ts'

/** One direction of a connection: what was sent, and who writes down what arrived. */
export class Direction {
  readonly sender: Connection
  readonly recorder: Recorder
  readonly #sent: Uint8Array[] = []
  #bytes = 0

  constructor(sender: Connection, receiver: Connection, hooks: RecorderHooks = {}) {
    this.sender = sender
    this.recorder = new Recorder(hooks, false)
    receiver.start(this.recorder)
  }

  /** Bytes that no other direction sends, and no other call. */
  send(length: number): void {
    const bytes = pattern(length, this.sender.id * 1_000_003 + this.#bytes)
    assert.notEqual(this.sender.send(bytes), 'closed')
    this.expect(bytes)
  }

  /** Bytes that were sent in another way. They are copied. */
  expect(bytes: Uint8Array): void {
    this.#sent.push(new Uint8Array(bytes))
    this.#bytes += bytes.length
  }

  /** Settles when everything has arrived, and nothing else. */
  async arrived(signal: AbortSignal): Promise<void> {
    await this.recorder.untilBytes(signal, this.#bytes)
    const whose = `connection ${this.sender.id} sent ${this.#bytes} bytes`
    assert.equal(this.recorder.bytes, this.#bytes, `${whose}, ${this.recorder.bytes} arrived`)
    assert.equal(this.recorder.digest(), digestOf(...this.#sent), `${whose}, and others arrived`)
  }
}

/** Connections that live beside each other on one port: what happens to one of them must not reach another. */
export class Neighbours {
  readonly directions: readonly Direction[]
  readonly connections: readonly Connection[]

  private constructor(connections: readonly Connection[], directions: readonly Direction[]) {
    this.connections = connections
    this.directions = directions
  }

  /** Two connections with both ends in this port: four directions, those of the first connection first. */
  static async two(port: CompletionPort, hooks: RecorderHooks = {}): Promise<Neighbours> {
    const { listener, next } = await accepting(port)
    const connections: Connection[] = []
    const directions: Direction[] = []
    for (let count = 0; count < 2; count++) {
      const [client, server] = await Promise.all([port.connect(listener.endpoint), next()])
      connections.push(client, server)
      directions.push(new Direction(client, server, hooks), new Direction(server, client, hooks))
    }
    return new Neighbours(connections, directions)
  }

  sendAll(length: number): void {
    for (const direction of this.directions) direction.send(length)
  }

  async allArrived({ signal }: Pick<ConformanceContext, 'signal'>): Promise<void> {
    const results = await Promise.allSettled(this.directions.map((direction) => direction.arrived(signal)))
    const wrong = results.flatMap((result) => (result.status === 'rejected' ? [String(result.reason)] : []))
    assert.ok(wrong.length === 0, wrong.join('; '))
  }

  /** Ends every connection in order: what came behind the last byte would be noticed. */
  async end({ signal }: Pick<ConformanceContext, 'signal'>): Promise<void> {
    await this.allArrived({ signal })
    for (const connection of this.connections) connection.end()
    for (const { recorder } of this.directions) assert.equal(await recorder.untilClose(signal), undefined)
    await this.allArrived({ signal })
  }
}
