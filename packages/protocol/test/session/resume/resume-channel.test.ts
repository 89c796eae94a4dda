import { createVirtualClock } from '@frameport/testing'
import { expect, it } from 'vitest'
import type { SessionChannel } from '../../../src/session/common/session-channel.ts'
import { defaultSessionLimits } from '../../../src/session/common/session-limits.ts'
import { ResumeChannel } from '../../../src/session/resume/resume-channel.ts'

const resumeBytes = 16_000
const envelopeBytes = 100

/** A channel that keeps 160 envelopes for a peer that has returned, over a link whose queue the test empties. */
function behind(memoryIsTight: boolean) {
  const envelopes = 160
  let asks = 0
  const channel = new ResumeChannel({
    environment: createVirtualClock(),
    limits: { ...defaultSessionLimits, resumeBytes },
    turn: { isUsedUp: false, mayGoOn: () => true, count: () => {} },
    sendBytesMax: envelopeBytes,
    leftMs: () => undefined,
    neverMade: () => {},
    memoryIsTight: () => memoryIsTight,
    ask: () => {
      asks += 1
    },
    filled: () => {},
    overfilled: () => {},
  })
  const event = new Uint8Array(envelopeBytes).fill(0x20)
  for (let n = 0; n < envelopes; n += 1) channel.send(event, envelopeBytes, false)
  let sent = 0
  const link = {
    queuedBytes: 0,
    bytesTaken: 0,
    waitsForAck: false,
    send() {
      sent += 1
      link.queuedBytes += envelopeBytes
      return 'queued' as const
    },
  } satisfies SessionChannel
  channel.connect(link)
  return { channel, link, envelopes, sent: () => sent, asks: () => asks }
}

it('asks for an acknowledgement after an eighth of what it may keep, and continues with the answer', () => {
  const { channel, link, envelopes, sent, asks } = behind(false)
  expect([channel.catchUp(), sent(), asks()]).toEqual([false, 21, 1])
  // An acknowledgement of fewer envelopes is not the answer, and does not cause another question.
  channel.acknowledged(5)
  expect([channel.catchUp(), sent(), asks()]).toEqual([false, 21, 1])
  for (let answers = 0; channel.isBehind && answers < 100; answers += 1) {
    link.queuedBytes = 0
    channel.acknowledged(sent())
    channel.catchUp()
  }
  expect([sent(), asks()]).toEqual([envelopes, 7])
})

it('fills the queue with a sixteenth of what it may keep at a time when memory is short', () => {
  const { channel, link, envelopes, sent, asks } = behind(true)
  expect([channel.catchUp(), sent(), asks()]).toEqual([false, 11, 1])
  for (let answers = 0; channel.isBehind && answers < 100; answers += 1) {
    link.queuedBytes = 0
    channel.acknowledged(sent())
    channel.catchUp()
  }
  expect([sent(), asks()]).toEqual([envelopes, 14])
})

it('does not ask more often than any peer allows', () => {
  const { channel, link, sent, asks } = behind(false)
  for (let answers = 0; answers < 200; answers += 1) {
    // The queue is full of envelopes that do not belong to the session.
    link.queuedBytes = 3_000
    channel.catchUp()
    channel.acknowledged(sent())
  }
  expect(asks()).toBe(64)
  link.queuedBytes = 0
  channel.catchUp()
  expect(sent()).toBe(21)
})
