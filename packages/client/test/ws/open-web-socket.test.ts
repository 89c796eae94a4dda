import type { FrameChannel } from '@frameport/framing'
import { expect, test } from 'vitest'
import { ws } from '../../src/ws.ts'

type Listener = (event: object) => void

/**
 * A WebSocket like that of the package `ws`: data that arrived with the answer of the server follows `open` at once.
 */
class QuickWebSocket {
  readonly url: string
  readonly protocols: readonly string[]
  binaryType = 'nodebuffer'
  readyState = 0
  readonly bufferedAmount = 0
  readonly protocol = 'frameport.1'
  readonly #listeners: [string, Listener][] = []

  constructor(url: string, protocols: readonly string[]) {
    this.url = url
    this.protocols = protocols
    setImmediate(() => {
      this.readyState = 1
      this.#emit('open', {})
      this.#emit('message', { data: Uint8Array.of(1, 2, 3) })
      this.readyState = 3
      this.#emit('close', { code: 1000, reason: '', wasClean: true })
    })
  }

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.push([type, listener])
  }

  send(): void {}

  close(): void {}

  #emit(type: string, event: object): void {
    for (const [listened, listener] of this.#listeners) if (listened === type) listener(event)
  }
}

test('a message and a close that arrive with the answer of the server are not lost', async () => {
  const { connect } = ws('ws://chat.example/frameport', { WebSocket: QuickWebSocket as never })
  const channel = (await connect({ signal: new AbortController().signal, timeoutMs: 5_000 })) as FrameChannel
  const told: unknown[] = []
  await new Promise<void>((resolve) => {
    channel.start({
      frame: (payload) => void told.push([...payload]),
      end: () => void told.push('end'),
      close(error) {
        told.push(error ?? 'closed')
        resolve()
      },
    })
  })
  expect(told).toEqual([[1, 2, 3], 'end', 'closed'])
})
