import { expect, it } from 'vitest'
import type { Body } from '../../../src/envelope/index.ts'
import { Settled, token } from '../../support/credentials.ts'
import { Resumable, type ResumeRecorder } from '../../support/resumable.ts'
import { quiet } from '../../support/resumable-ends.ts'

const personOf = (auth: Body) =>
  auth.kind === 'value' ? (auth.value as { token: string }).token.split(' ')[0] : undefined

/** A server that knows people by the first word of their tokens, and takes new ones of the same person. */
class KnowingServer {
  readonly hellos: Body[] = []
  /** Of each connection, in their order. */
  readonly taken: Body[][] = []

  readonly prepare = (recorder: ResumeRecorder): void => {
    const taken: Body[] = []
    this.taken.push(taken)
    recorder.onHelloAccepted = (hello) => {
      this.hellos.push(hello.auth)
      return Promise.resolve({ principal: personOf(hello.auth) })
    }
    const credentials = ({ auth }: { readonly auth: Body }) => ({
      principal: personOf(auth),
      taken: () => void taken.push(auth),
    })
    Object.assign(recorder, { credentials })
  }
}

it('a session that goes on shows the credentials that were taken last, and gives new ones to whoever took those', async () => {
  const world = new Resumable()
  const server = new KnowingServer()
  await world.connect(world.client, server.prepare, token('ann 1'))
  const renewed = new Settled(world.client.renewCredentials(token('ann 2')))
  await world.time.settle()
  expect(renewed.isTaken).toBe(true)
  const refused = new Settled(world.client.renewCredentials(token('bob 1')))
  await world.time.settle()
  expect(refused.error).toMatchObject({ code: 'PERMISSION_DENIED' })
  await world.cut()
  await world.connect(world.client, server.prepare)
  expect([world.clientSide.resumes, server.hellos]).toEqual([1, [token('ann 1'), token('ann 2')]])
  const again = new Settled(world.client.renewCredentials(token('ann 3')))
  await world.time.settle()
  const other = new Settled(world.client.renewCredentials(token('bob 1')))
  await world.time.settle()
  expect([again.isTaken, other.error]).toMatchObject([true, { code: 'PERMISSION_DENIED' }])
  expect(server.taken).toEqual([[token('ann 2'), token('ann 3')], []])
  await quiet(world)
})

it('credentials and challenges that wait end with their connection, and the session goes on without them', async () => {
  const world = new Resumable()
  const server = new KnowingServer()
  const answer = { challenged: (): Body | Promise<Body> => new Promise(() => {}) }
  Object.assign(world.clientSide, { challenged: () => answer.challenged() })
  await world.connect(world.client, server.prepare, token('ann 1'))
  const { session } = world.server
  const asked = new Settled(session.challenge(token('who')))
  await world.time.settle()
  await world.cut()
  const away = [session.challenge(token('who')), world.client.renewCredentials(token('ann 2'))]
  const failed = [asked, ...away.map((promise) => new Settled(promise))]
  await world.connect(world.client, server.prepare)
  expect(failed.map(({ error }) => error)).toMatchObject(
    Array.from({ length: 3 }, () => ({ code: 'UNAVAILABLE', maybeExecuted: false })),
  )
  answer.challenged = () => token('ann 3')
  const again = new Settled(session.challenge(token('who')))
  await world.time.settle()
  expect([again.isTaken, world.clientSide.resumes]).toEqual([true, 1])
  expect(server.taken).toEqual([[token('ann 3')], []])
  await quiet(world)
})
