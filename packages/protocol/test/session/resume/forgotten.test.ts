import { describe, expect, it } from 'vitest'
import type { SessionLimits } from '../../../src/session/index.ts'
import { Resumable, ResumeRecorder } from '../../support/resumable.ts'
import { quiet } from '../../support/resumable-ends.ts'
import { startCall, value } from '../../support/sessions.ts'

const answer = value('answer')

describe('a server that does not know the session any more', () => {
  async function forgotten(limits: Partial<SessionLimits> = {}) {
    const world = new Resumable({ client: limits })
    await world.connect()
    const sent = startCall(world.client)
    await world.time.settle()
    await world.cut()
    const waits = startCall(world.client)
    world.restart()
    return { world, sent, waits }
  }

  it('gives the connection to a new session, and says what may have run', async () => {
    const { world, sent, waits } = await forgotten()
    const recorder = new ResumeRecorder()
    const next = world.newClient(recorder)
    world.clientSide.onForgotten = (opened) => next.attach(opened)
    await world.connect()
    expect(world.clientSide.closes).toEqual([expect.objectContaining({ code: 'REPLACED' })])
    expect([sent.error?.code, sent.error?.maybeExecuted]).toEqual(['UNAVAILABLE', true])
    expect([waits.error?.code, waits.error?.maybeExecuted]).toEqual(['UNAVAILABLE', false])
    expect([next.state, recorder.opens.length]).toEqual(['open', 1])
    const outcome = startCall(next)
    await world.time.settle()
    world.server.recorder.calls[0]?.respond(answer)
    await world.time.settle()
    expect(outcome.value).toBe('answer')
    // The new one can be resumed in its turn.
    await world.cut()
    await world.connect(next)
    expect([next.state, recorder.resumes]).toEqual(['open', 1])
    await Promise.all([next.close(), world.time.advance(60_000)])
    await quiet(world)
  })

  it('closes the connection when nobody takes it', async () => {
    const { world, sent } = await forgotten()
    await world.connect()
    expect(world.clientSide.closes).toEqual([expect.objectContaining({ code: 'REPLACED' })])
    expect(sent.code).toBe('UNAVAILABLE')
    await world.time.advance(10_000)
    expect(world.pairs.at(-1)?.a.state).toBe('closed')
    const untaken = world.clientSide.forgottenLinks[0]!
    const late = world.newClient(new ResumeRecorder())
    expect(() => late.attach(untaken)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
    await quiet(world)
  })
})
