import assert from 'node:assert/strict'
import { type BackendName, createPort } from '../../src/index.ts'
import { text } from '../support/bytes.ts'
import { accepting } from '../support/pair.ts'
import { Recorder } from '../support/recorder.ts'
import { injectionOf } from './points.ts'

/**
 * A connection that is named twice in one flush, with another one between: when the kernel takes nothing, or half, of
 * the first bytes, the second ones wait behind the rest.
 */
export async function keepsOrder(backend: BackendName, signal: AbortSignal): Promise<void> {
  await sendTwice(backend, signal, 1, 'try_send without room')
  await sendTwice(backend, signal, 2, 'try_send in part')
}

async function sendTwice(
  backend: BackendName,
  signal: AbortSignal,
  point: number,
  kind: string,
): Promise<void> {
  const injection = injectionOf()
  const port = createPort({ backend })
  try {
    const { listener, next } = await accepting(port)
    const [client, server] = await Promise.all([port.connect(listener.endpoint), next()])
    const [other] = await Promise.all([port.connect(listener.endpoint), next()])
    const sink = new Recorder()
    server.start(sink)
    client.send(text('first, '))
    other.send(text('another'))
    client.send(text('second'))
    // The next points are those of the flush at the end of this turn.
    injection.arm(point, point)
    await sink.untilBytes(signal, 13)
    assert.equal(injection.failed(), kind)
    assert.equal(sink.text(), 'first, second')
  } finally {
    injection.disarm()
    await port.close()
  }
}
