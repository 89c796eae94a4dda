import { checkAnswer, type Reading, readingOf } from '../message.ts'
import { type Connection, type Contestant, type KindOfCall, kindsOfCall } from './contestant.ts'
import type { Row } from './row.ts'

/** Bytes of a chunk of an upload: what streams of files hand out. */
const chunkBytes = 64 * 1024

/** The connections of a client, and what it does on them. */
export class RivalLoad {
  readonly #contestant: Contestant
  readonly #port: number
  readonly #row: Row
  readonly #connections: Connection[] = []
  /** Announced messages, and how many subscribers have not got each. */
  readonly #announced = new Map<number, { left: number; readonly settle: () => void }>()
  #number = 0

  constructor(contestant: Contestant, port: number, row: Row) {
    this.#contestant = contestant
    this.#port = port
    this.#row = row
  }

  /** Opens connections until there are so many. Some at a time, so that no queue of the listener is too short for them. */
  async hold(connections: number): Promise<void> {
    while (this.#connections.length < connections) {
      const some = Math.min(50, connections - this.#connections.length)
      const opened = Array.from({ length: some }, () => this.#contestant.connect(this.#port))
      this.#connections.push(...(await Promise.all(opened)))
    }
  }

  /** A call on the newest connection: behind its answer the server has accepted all of them. */
  async callOnNewest(): Promise<void> {
    const message = this.#message()
    checkAnswer(await this.#connections.at(-1)!.call(message), message.id)
  }

  async subscribeAll(): Promise<void> {
    for (const connection of this.#connections) await connection.subscribe?.((event) => this.#onEvent(event))
  }

  get kinds(): KindOfCall[] {
    const [connection] = this.#connections
    return kindsOfCall.filter((kind) => connection?.[kind] !== undefined)
  }

  /** @throws Error for a wrong answer: what is fast and wrong has no figure */
  step(): Promise<void> {
    switch (this.#row.kind) {
      case 'stream':
        return this.#stream(this.#row.items ?? 0)
      case 'upload':
        return this.#upload(this.#row.uploadBytes ?? 0)
      case 'subscribe':
        return this.#announce()
      default:
        return this.#call()
    }
  }

  /** One of each kind. */
  async check(): Promise<readonly KindOfCall[]> {
    const { kinds } = this
    await this.#call()
    if (kinds.includes('stream')) await this.#stream(100)
    if (kinds.includes('upload')) await this.#upload(10 * chunkBytes + 1)
    if (kinds.includes('subscribe')) {
      await this.subscribeAll()
      await this.#announce()
    }
    return kinds
  }

  async #call(): Promise<void> {
    const message = this.#message()
    const connection = this.#connections[message.id % this.#connections.length]!
    const answer = await connection.call(message)
    checkAnswer(answer, message.id)
    if (answer.note.length !== message.note.length) throw new Error('The answer has another length.')
  }

  async #stream(items: number): Promise<void> {
    let number = 0
    await this.#connections[0]!.stream!(items, (item) => {
      checkAnswer(item, readingOf(number++).id)
    })
    if (number !== items) throw new Error(`The stream ended after ${number} items.`)
  }

  async #upload(bytes: number): Promise<void> {
    const read = await this.#connections[0]!.upload!(chunksOf(bytes))
    if (read !== bytes) throw new Error(`The server read ${read} bytes of ${bytes}.`)
  }

  async #announce(): Promise<void> {
    const message = this.#message()
    const delivered = new Promise<void>((settle) => {
      this.#announced.set(message.id, { left: this.#connections.length, settle })
    })
    await this.#connections[0]!.announce!(message)
    await delivered
  }

  #onEvent({ id }: Reading): void {
    const announced = this.#announced.get(id)
    if (announced === undefined) throw new Error(`An event ${id} came that was not announced, or too often.`)
    if (--announced.left > 0) return
    this.#announced.delete(id)
    announced.settle()
  }

  #message(): Reading {
    return readingOf(this.#number++, this.#row.messageBytes)
  }
}

function* chunksOf(bytes: number): Generator<Uint8Array> {
  const chunk = new Uint8Array(chunkBytes).fill(7)
  for (let left = bytes; left > 0; left -= chunkBytes)
    yield left < chunkBytes ? chunk.subarray(0, left) : chunk
}
