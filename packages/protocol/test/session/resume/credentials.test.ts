import { expect, it } from 'vitest'
import type { Body } from '../../../src/envelope/index.ts'
import { Settled, token } from '../../support/credentials.ts'
import { Resumable, type ResumableOptions, type ResumeRecorder } from '../../support/resumable.ts'
import { quiet } from '../../support/resumable-ends.ts'

const personOf = (auth: Body) =>
  auth.kind === 'value' ? (auth.value as { token: string }).token.split(' ')[0] : undefined

/** A server that identifies people by the first word of their tokens, and accepts new tokens of the same person. */
class KnowingServer {
  readonly hellos: Body[] = []
  /** The accepted credentials of each connection, in order. */
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

it('a resumed session shows the credentials that were accepted last, and gives new ones to the first recorder', async () => {
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

/** A connected client that answers challenges with `answer`. */
async function asked(answer: () => Body | Promise<Body>, limits: ResumableOptions['server'] = {}) {
  const world = new Resumable({ server: limits })
  const server = new KnowingServer()
  let challenges = 0
  Object.assign(world.clientSide, {
    challenged: () => {
      challenges += 1
      return answer()
    },
  })
  await world.connect(world.client, server.prepare, token('ann 1'))
  return { world, server, session: world.server.session, challenges: () => challenges }
}

const never = (): Promise<Body> => new Promise(() => {})

it('credentials without a verdict fail with their connection, and the session goes on without them', async () => {
  const { world, server } = await asked(never)
  world.pairs[0]?.a.pause()
  const sent = new Settled(world.client.renewCredentials(token('ann 2')))
  await world.cut()
  const away = new Settled(world.client.renewCredentials(token('ann 3')))
  await world.connect(world.client, server.prepare)
  expect([sent.error, away.error]).toMatchObject([
    { code: 'UNAVAILABLE', maybeExecuted: true },
    { code: 'UNAVAILABLE', maybeExecuted: false },
  ])
  expect(world.clientSide.resumes).toBe(1)
  await quiet(world)
})

it('a challenge is repeated on the next connection when its connection is cut', async () => {
  let answer: () => Body | Promise<Body> = never
  const { world, server, session, challenges } = await asked(() => answer())
  const challenge = new Settled(session.challenge(token('who')))
  await world.time.settle()
  await world.cut()
  expect([challenge.result, challenges()]).toEqual([undefined, 1])
  answer = () => token('ann 2')
  await world.connect(world.client, server.prepare)
  expect([challenge.isTaken, challenges(), world.clientSide.resumes]).toEqual([true, 2, 1])
  expect(server.taken).toEqual([[token('ann 2')], []])
  await quiet(world)
})

it('an answer without a verdict is requested again when its connection is cut, and accepted once', async () => {
  const { world, server, session, challenges } = await asked(() => token('ann 2'))
  const decisions: (() => void)[] = []
  const { recorder } = world.server
  const { credentials } = recorder as ResumeRecorder & { credentials: (info: never) => object }
  Object.assign(recorder, {
    credentials: async (info: never) => {
      await new Promise<void>((resolve) => decisions.push(resolve))
      return credentials(info)
    },
  })
  const challenge = new Settled(session.challenge(token('who')))
  await world.time.settle()
  await world.cut()
  await world.connect(world.client, server.prepare)
  for (const decide of decisions) decide()
  await world.time.settle()
  expect([challenge.isTaken, challenges(), decisions.length]).toEqual([true, 2, 2])
  expect(server.taken).toEqual([[token('ann 2')], []])
  await quiet(world)
})

it('a challenge without a connection waits for the next one, and prevents another challenge', async () => {
  const { world, server, session } = await asked(() => token('ann 2'))
  await world.cut()
  const challenge = new Settled(session.challenge(token('who')))
  const other = new Settled(session.challenge(token('who')))
  await world.time.advance(20_000)
  expect([challenge.result, other.error]).toMatchObject([undefined, { code: 'FAILED_PRECONDITION' }])
  await world.connect(world.client, server.prepare)
  expect(challenge.isTaken).toBe(true)
  await quiet(world)
})

it('a challenge that cannot be encoded is refused at once, also without a connection', async () => {
  const { world, session } = await asked(never)
  await world.cut()
  const refused = new Settled(session.challenge({ kind: 'value', value: 1n }))
  await world.time.settle()
  expect(refused.error).toMatchObject({ code: 'INVALID_ARGUMENT' })
  await quiet(world)
})

it('the time of a challenge runs only while the client is connected, and is not extended by a cut', async () => {
  const { world, server, session } = await asked(never)
  const challenge = new Settled(session.challenge(token('who'), { timeoutMs: 3_000 }))
  for (const connection of [1, 2]) {
    await world.time.advance(1_400)
    await world.cut()
    await world.time.advance(10_000)
    expect([connection, challenge.result]).toEqual([connection, undefined])
    await world.connect(world.client, server.prepare)
  }
  await world.time.advance(199)
  expect(challenge.result).toBeUndefined()
  await world.time.advance(1)
  expect(challenge.error).toMatchObject({ code: 'DEADLINE_EXCEEDED' })
  await quiet(world)
})

it('a challenge rejects when the client does not return in time', async () => {
  const { world, session } = await asked(never)
  const sent = new Settled(session.challenge(token('who'), { timeoutMs: 60_000 }))
  await world.time.settle()
  await world.cut()
  await world.time.advance(60_000)
  expect(sent.error).toMatchObject({ code: 'UNAVAILABLE' })
  await quiet(world)
})

/** A server that identifies clients only by their credentials. */
const byCredentials = (recorder: ResumeRecorder): void => {
  const name = (auth: Body) => JSON.stringify(auth)
  recorder.onHelloAccepted = (hello) => Promise.resolve({ principal: name(hello.auth) })
  Object.assign(recorder, { credentials: ({ auth }: { auth: Body }) => ({ alsoKnownAs: name(auth) }) })
}

it('a session is resumed with the credentials that were accepted last, or with earlier ones', async () => {
  const world = new Resumable()
  await world.connect(world.client, byCredentials, token('first'))
  await world.client.renewCredentials(token('second'))
  await world.cut()
  await world.connect(world.client, byCredentials)
  expect(world.clientSide.resumes).toBe(1)
  // A client whose verdict was lost knows only the old ones.
  await world.cut()
  await world.connect(world.client, byCredentials, token('first'))
  expect(world.clientSide.resumes).toBe(2)
  await world.cut()
  await world.connect(world.client, byCredentials, token('stranger'))
  expect([world.clientSide.resumes, world.clientSide.forgottenLinks.length]).toEqual([2, 1])
  await world.time.advance(60_000)
})

it('of many accepted credentials, those of the hello and the eight newest count', async () => {
  const tries = async (shown: string) => {
    const world = new Resumable()
    await world.connect(world.client, byCredentials, token('hello'))
    for (let given = 1; given <= 10; given += 1) {
      await world.client.renewCredentials(token(String(given)))
      await world.time.advance(1_000)
    }
    await world.cut()
    await world.connect(world.client, byCredentials, token(shown))
    await world.time.advance(60_000)
    return world.clientSide.resumes
  }
  expect(await Promise.all(['hello', '1', '2', '3', '10'].map(tries))).toEqual([1, 0, 0, 1, 1])
})
