import { expect, it } from 'vitest'
import { EnvelopeWriter } from '../../src/session/flow/envelope-writer.ts'

/** A writer of answers over a channel whose queue the test fills and empties, and which counts reads of its length. */
function answering() {
  let questions = 0
  const queue = { bytes: 0 }
  const writer = new EnvelopeWriter()
  writer.attach({
    get queuedBytes() {
      questions += 1
      return queue.bytes
    },
    bytesTaken: 0,
    waitsForAck: false,
    send(_payload, payloadBytes) {
      queue.bytes += payloadBytes
      return 'queued'
    },
  })
  const answer = () => writer.sendPayload(new Uint8Array(100), 'answer')
  return { writer, queue, answer, questions: () => questions }
}

it('reads the length of the queue only after that many bytes of answers were sent', () => {
  const { writer, answer, questions } = answering()
  answer()
  expect([writer.hasAnswersOver(100), questions()]).toEqual([false, 0])
  expect([writer.hasAnswersOver(99), questions()]).toEqual([true, 1])
})

it('counts only answers that are still in the queue, and no other envelopes', () => {
  const { writer, queue, answer } = answering()
  answer()
  answer()
  expect(writer.hasAnswersOver(199)).toBe(true)
  queue.bytes = 50
  expect([writer.hasAnswersOver(50), writer.hasAnswersOver(49)]).toEqual([false, true])
  writer.sendPayload(new Uint8Array(1_000), 'own')
  expect(writer.hasAnswersOver(50)).toBe(false)
})
