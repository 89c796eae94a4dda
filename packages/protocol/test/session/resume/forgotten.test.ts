import type { FrameChannel } from '@frameport/framing'
import { describe, expect, it } from 'vitest'
import { createSession, type SessionLimits } from '../../../src/session/index.ts'
import { closingAtOnce } from '../../support/closing-channel.ts'
import { Resumable, ResumeRecorder } from '../../support/resumable.ts'
import { quiet } from '../../support/resumable-ends.ts'
import { startCall, value } from '../../support/sessions.ts'

const answer = value('answer')

describe('a server that has forgotten the session', () => {
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

  it('lets a new session have the connection, and old calls fail with what may have run', async () => {
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
    // The new session can be resumed too.
    await world.cut()
    await world.connect(next)
    expect([next.state, recorder.resumes]).toEqual(['open', 1])
    await Promise.all([next.close(), world.time.advance(60_000)])
    await quiet(world)
  })

  it('has its connection closed when no session takes it', async () => {
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

  it.each([
    ['keeps nothing', { resumeBytes: 0 }, 'resumeBytes 0 instead of 65536'],
    ['keeps more', { resumeBytes: 70_000 }, 'resumeBytes 70000 instead of 65536'],
    ['accepts longer bodies', { bodyBytesMax: 2 ** 21 }, 'bodyBytesMax 2097152 instead of 1048576'],
  ])(
    'cannot give its connection to a session that %s, because the hello stated otherwise',
    async (_how, limits, why) => {
      const { world } = await forgotten()
      const options = { role: 'client', contracts: [], environment: world.time } as const
      const other = createSession({
        ...options,
        handlers: new ResumeRecorder(),
        limits: { resumeBytes: 65_536, ...limits },
      })
      const next = world.newClient(new ResumeRecorder())
      world.clientSide.onForgotten = (opened) => {
        expect(() => other.attach(opened)).toThrow(
          expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(why) }),
        )
        next.attach(opened)
      }
      await world.connect()
      expect([other.state, next.state, world.clientSide.uncaughtErrors]).toEqual(['opening', 'open', []])
      await Promise.all([other.close(), next.close(), world.time.advance(60_000)])
      await quiet(world)
    },
  )

  it('cannot give a connection that has ended to a session, or one to a session that has begun', async () => {
    const { world } = await forgotten()
    const [late, begun] = [world.newClient(new ResumeRecorder()), world.newClient(new ResumeRecorder())]
    let channel: FrameChannel | undefined
    const problems: unknown[] = []
    world.clientSide.onForgotten = (opened) => {
      channel?.abort()
      for (const session of [begun, late])
        try {
          session.attach(opened)
        } catch (error) {
          problems.push((error as Error).message)
        }
    }
    await world.connect(begun)
    await world.cut()
    expect(begun.state).toBe('detached')
    world.attach(world.client, undefined, (given) => (channel = closingAtOnce(given)))
    await world.time.settle()
    expect(problems).toEqual([
      expect.stringContaining('only a new client session can use it'),
      expect.stringContaining('the connection has ended'),
    ])
    expect(late.state).toBe('opening')
    await Promise.all([late.close(), begun.close(), world.time.advance(60_000)])
    await quiet(world)
  })
})
