import { expect, it } from 'vitest'
import type { FrameDeadline } from '../../src/session/link/frame-deadline.ts'
import type { GuardedChannel } from '../../src/session/link/guarded-channel.ts'
import type { Heartbeat } from '../../src/session/link/heartbeat.ts'
import { Reading } from '../../src/session/link/reading.ts'

function reading() {
  const log: string[] = []
  const channel = { pause: () => log.push('pause'), resume: () => log.push('resume') }
  const watch = { suspend: () => log.push('suspend'), resume: () => log.push('watch') }
  const other = { suspend: () => undefined, resume: () => undefined }
  return {
    log,
    made: new Reading(
      channel as unknown as GuardedChannel,
      watch as unknown as Heartbeat,
      other as unknown as FrameDeadline,
    ),
  }
}

it('reading resumes when its last reason to pause is gone, and pauses for the first one', () => {
  const { log, made } = reading()
  made.pause('answers')
  made.pause('turn')
  expect(log).toEqual(['suspend', 'pause'])
  made.resume('turn')
  expect(log).toEqual(['suspend', 'pause'])
  made.resume('answers')
  expect(log).toEqual(['suspend', 'pause', 'watch', 'resume'])
})

it('a resume without its reason to pause changes nothing', () => {
  const { log, made } = reading()
  made.resume('turn')
  made.pause('answers')
  made.resume('turn')
  expect(log).toEqual(['suspend', 'pause'])
})
