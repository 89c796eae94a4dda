import assert from 'node:assert/strict'
import { type BackendName, createCompletionPort } from '../../src/index.ts'
import { text } from '../support/bytes.ts'
import { accepting } from '../support/pair.ts'
import { Recorder } from '../support/recorder.ts'
import { injectionOf } from './points.ts'

/** More than one attempt takes, so that a connection is asked about several times in one flush. */
const sends = 40
/** The attempts of one flush, each with its two points: more than there are. */
const pointsMax = 20

/**
 * The sends of one connection keep their order when those of another lie between them, and when the kernel takes
 * nothing, or a part, of any attempt of the flush.
 */
export async function keepsOrder(backend: BackendName, signal: AbortSignal): Promise<void> {
  const failed = new Set<string | null>()
  for (let point = 1; point <= pointsMax; point++) failed.add(await sendAlternately(backend, signal, point))
  for (const kind of ['try_send without room', 'try_send in part']) assert.ok(failed.has(kind), kind)
}

/** Returns the kind of the point that failed. */
async function sendAlternately(
  backend: BackendName,
  signal: AbortSignal,
  point: number,
): Promise<string | null> {
  const injection = injectionOf()
  const port = createCompletionPort({ backend })
  try {
    const { listener, next } = await accepting(port)
    const clients = [await port.connect(listener.endpoint), await port.connect(listener.endpoint)] as const
    const sinks = [await next(), await next()].map((server) => {
      const sink = new Recorder()
      server.start(sink)
      return sink
    })
    const words = Array.from({ length: sends }, (_, index) => `${index} `)
    // The next points are those of the sends: of the flush that the first of them fill, and of those behind it.
    injection.arm(point, point)
    for (const word of words) for (const client of clients) client.send(text(word))
    const whole = words.join('')
    const done = (sink: Recorder) => sink.bytes === whole.length || sink.ended || sink.closed
    for (const sink of sinks) await sink.until(signal, 'all words', done)
    const failed = injection.failed()
    for (const sink of sinks) {
      // Another kind of failure may cut a connection short, and no more than that.
      const expected = failed?.startsWith('try_send') ? whole : whole.slice(0, sink.bytes)
      assert.equal(sink.text(), expected, `point ${point} (${failed})`)
    }
    return failed
  } finally {
    injection.disarm()
    await port.close()
  }
}
