import { describe, expect, it } from 'vitest'
import type { Body, EnvelopeBody } from '../../src/envelope/index.ts'
import { RpcError } from '../../src/index.ts'
import {
  CredentialsRecorder,
  credentialsPair,
  credentialsProbe,
  nothingLeft,
  Settled,
  token,
} from '../support/credentials.ts'
import { json, noBody, rawBody } from '../support/raw-peer.ts'
import { raw, startCall, value } from '../support/sessions.ts'

const given = (id: number, body: EnvelopeBody = json('1')) =>
  ({ kind: 'credentials', id, metadata: {}, body }) as const
const challenge = (id: number, body: EnvelopeBody = json('1')) =>
  ({ kind: 'challenge', id, metadata: {}, body }) as const
const taking = (decide?: (info: { readonly auth: Body }) => unknown) =>
  new CredentialsRecorder().takesCredentials(decide)
const ended = { code: 'ABORTED', message: 'done' } as const

async function openPair(...args: Parameters<typeof credentialsPair>) {
  const pair = credentialsPair(...args)
  await pair.time.settle()
  return pair
}

describe('new credentials on an open session', () => {
  it('are accepted by the handler of the server, while calls go on', async () => {
    const pair = await openPair({ server: taking() })
    pair.server.recorder.onCall = (call) => call.respond(value(1))
    const renewed = new Settled(pair.client.session.renewCredentials(token('b')))
    const call = startCall(pair.client.session)
    await pair.time.settle()
    expect(pair.server.recorder.given).toEqual([{ auth: token('b'), challenge: undefined }])
    expect([renewed.isTaken, pair.server.recorder.taken, call.value]).toEqual([true, 1, 1])
    await nothingLeft(pair)
  })

  it('are refused by an RpcError, and the session goes on', async () => {
    const server = taking(() => {
      throw new RpcError('UNAUTHENTICATED', 'expired')
    })
    const pair = await openPair({ server })
    const renewed = new Settled(pair.client.session.renewCredentials(token('b')))
    await pair.time.settle()
    expect(renewed.error).toMatchObject({ code: 'UNAUTHENTICATED', message: 'expired', maybeExecuted: false })
    expect([server.taken, pair.client.session.state, server.uncaughtErrors]).toEqual([0, 'open', []])
    await nothingLeft(pair)
  })

  it.each([
    ['rejects', () => Promise.reject(new Error('password=secret'))],
    ['rejects with nothing', () => Promise.reject(undefined)],
  ])(
    'are refused with INTERNAL when the handler %s, and the client does not see the reason',
    async (_, decide) => {
      const pair = await openPair({ server: taking(decide) })
      const renewed = new Settled(pair.client.session.renewCredentials(token('b')))
      await pair.time.settle()
      expect(renewed.error).toMatchObject({
        code: 'INTERNAL',
        message: 'the server could not check the credentials',
      })
      await nothingLeft(pair)
    },
  )

  it('that are refused because of a defect report it to uncaught', async () => {
    const defect = new Error('mine')
    const pair = await openPair({ server: taking(() => Promise.reject(defect)) })
    new Settled(pair.client.session.renewCredentials(token('b')))
    await pair.time.settle()
    expect(pair.server.recorder.uncaughtErrors).toEqual([defect])
    await nothingLeft(pair)
  })

  it('are refused with UNIMPLEMENTED by a server without a handler', async () => {
    const pair = await openPair()
    const renewed = new Settled(pair.client.session.renewCredentials(token('b')))
    await pair.time.settle()
    expect(renewed.error).toMatchObject({ code: 'UNIMPLEMENTED' })
    await nothingLeft(pair)
  })

  it('are accepted from the same principal, and refused from another', async () => {
    const server = taking(({ auth }) => ({ principal: (auth as { value: string }).value }))
    server.onAsking = () => Promise.resolve({ principal: 'ann' })
    const pair = await openPair({ server })
    const other = new Settled(pair.client.session.renewCredentials(value('bob')))
    await pair.time.settle()
    expect(other.error).toMatchObject({ code: 'PERMISSION_DENIED' })
    expect(server.taken).toBe(0)
    const same = new Settled(pair.client.session.renewCredentials(value('ann')))
    await pair.time.settle()
    expect([same.isTaken, server.taken]).toEqual([true, 1])
    await nothingLeft(pair)
  })

  it('are sent one at a time, and again after each verdict', async () => {
    let answer: () => void = () => {}
    const server = taking(() => new Promise<void>((resolve) => (answer = resolve)))
    const pair = await openPair({ server })
    const first = new Settled(pair.client.session.renewCredentials(token('a')))
    const second = new Settled(pair.client.session.renewCredentials(token('b')))
    await pair.time.settle()
    expect([first.result, second.error]).toMatchObject(
      [undefined, { code: 'FAILED_PRECONDITION' }].slice(0, 2),
    )
    answer()
    await pair.time.settle()
    const third = new Settled(pair.client.session.renewCredentials(token('c')))
    await pair.time.settle()
    answer()
    await pair.time.settle()
    expect([first.isTaken, third.isTaken]).toEqual([true, true])
    expect(server.given.map(({ auth }) => auth)).toEqual([token('a'), token('c')])
    await nothingLeft(pair)
  })

  it('that are sent before the last verdict are a violation', async () => {
    const { peer, time, recorder } = await credentialsProbe(
      'server',
      taking(() => new Promise(() => {})),
    )
    peer.send(given(0), given(0))
    await time.advance(2_000)
    expect(recorder.closes).toMatchObject([{ code: 'PROTOCOL_VIOLATION' }])
    expect(time.timers).toEqual([])
  })

  it('that are invalid are refused without a call of the handler', async () => {
    const { peer, time, recorder, session } = await credentialsProbe('server', taking())
    peer.send(given(0, json('{')))
    await time.settle()
    expect(peer.all('verdict')).toMatchObject([{ id: 0, refusal: { code: 'INVALID_ARGUMENT' } }])
    expect(recorder.given).toEqual([])
    session.abort(ended)
  })

  it.each([
    [1000, undefined],
    [1001, { code: 'RESOURCE_EXHAUSTED', text: 'the credentials are over 1000 bytes' }],
    [900_000, { code: 'RESOURCE_EXHAUSTED' }],
  ])('of %i bytes, where 1000 are accepted, are answered with %j', async (length, refusal) => {
    const { peer, time, session } = await credentialsProbe('server', taking(), {
      limits: { helloBytesMax: 1000 },
    })
    peer.send(given(0, rawBody(length)))
    await time.settle()
    const [verdict] = peer.all('verdict')
    if (refusal === undefined) expect(verdict?.refusal).toBeUndefined()
    else expect(verdict?.refusal).toMatchObject(refusal)
    session.abort(ended)
  })

  it.each([
    ['that cannot be encoded', value(1n), 'INVALID_ARGUMENT'],
    ['over the limit of the server', raw(new Uint8Array(2_000_000)), 'RESOURCE_EXHAUSTED'],
  ])('%s are not sent', async (_, auth, code) => {
    const pair = await openPair({ server: taking() })
    const renewed = new Settled(pair.client.session.renewCredentials(auth))
    const next = new Settled(pair.client.session.renewCredentials(token('b')))
    await pair.time.settle()
    expect([renewed.error, next.isTaken]).toMatchObject([{ code }, true])
    await nothingLeft(pair)
  })

  it('are accepted while the session drains', async () => {
    const pair = await openPair({ server: taking() })
    startCall(pair.client.session)
    await pair.time.settle()
    const closing = pair.server.session.close({ graceMs: 60_000 })
    await pair.time.settle()
    const renewed = new Settled(pair.client.session.renewCredentials(token('b')))
    await pair.time.settle()
    expect([pair.client.session.state, renewed.isTaken]).toEqual(['draining', true])
    await nothingLeft(pair)
    await closing
  })
})

describe('new credentials without an answer', () => {
  it('are awaited however late the verdict comes, and no others are sent before', async () => {
    const { peer, time, session } = await credentialsProbe('client')
    const renewed = new Settled(session.renewCredentials(token('b')))
    await time.advance(12_000)
    expect([renewed.result, renewed.error]).toEqual([undefined, undefined])
    const second = new Settled(session.renewCredentials(token('c')))
    await time.settle()
    expect(second.error).toMatchObject({ code: 'FAILED_PRECONDITION' })
    peer.send({ kind: 'verdict', id: 0 })
    await time.settle()
    expect(renewed.error).toBeUndefined()
    const third = new Settled(session.renewCredentials(token('d')))
    peer.send({ kind: 'verdict', id: 0, refusal: { code: 'NO\u001b[2J', text: 'no\u001b[2J' } })
    await time.settle()
    expect(third.error).toMatchObject({ message: expect.not.stringContaining('\u001b') })
    expect(peer.all('credentials').map(({ id }) => id)).toEqual([0, 0])
    session.abort(ended)
    await time.settle()
    expect(time.timers).toEqual([])
  })

  it('of the handler are refused in time, and its late decision is dropped', async () => {
    const decisions: (() => void)[] = []
    const server = taking(() => new Promise<void>((resolve) => decisions.push(resolve)))
    const pair = await openPair({ server }, { client: { limits: { credentialsTimeoutMs: 60_000 } } })
    const first = new Settled(pair.client.session.renewCredentials(token('a')))
    await pair.time.advance(10_000)
    expect(first.error).toMatchObject({
      code: 'DEADLINE_EXCEEDED',
      message: 'the server did not decide within 10000 ms',
    })
    const second = new Settled(pair.client.session.renewCredentials(token('b')))
    await pair.time.settle()
    decisions[0]?.()
    await pair.time.settle()
    expect([server.taken, second.result]).toEqual([0, undefined])
    await pair.time.advance(10_000)
    expect(second.error).toMatchObject({ code: 'DEADLINE_EXCEEDED' })
    await nothingLeft(pair)
  })

  it('fail as maybe executed when the connection is lost', async () => {
    const server = taking(() => new Promise(() => {}))
    const pair = await openPair({ server })
    const renewed = new Settled(pair.client.session.renewCredentials(token('b')))
    await pair.time.settle()
    pair.client.stream.abort()
    await pair.time.settle()
    expect(renewed.error).toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: true })
    const later = new Settled(pair.client.session.renewCredentials(token('c')))
    await pair.time.settle()
    expect(later.error).toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: false })
    await nothingLeft(pair)
  })

  it('have no effect at the server when the connection is lost', async () => {
    let decide: () => void = () => {}
    const server = taking(() => new Promise<void>((resolve) => (decide = resolve)))
    const pair = await openPair({ server })
    new Settled(pair.client.session.renewCredentials(token('b')))
    await pair.time.settle()
    pair.client.stream.abort()
    await pair.time.settle()
    decide()
    await pair.time.settle()
    expect(server.taken).toBe(0)
    await nothingLeft(pair)
  })
})

describe('a challenge on an open session', () => {
  it('passes the answer of the client to the handler, with the challenge', async () => {
    const client = new CredentialsRecorder()
    client.challenged = async (asked) => value({ answers: asked })
    const pair = await openPair({ client, server: taking() })
    const asked = new Settled(pair.server.session.challenge(value('who')))
    await pair.time.settle()
    expect(asked.isTaken).toBe(true)
    expect(pair.server.recorder.given).toEqual([
      { auth: value({ answers: value('who') }), challenge: value('who') },
    ])
    expect([pair.server.recorder.taken, client.answersFailed]).toEqual([1, []])
    await nothingLeft(pair)
  })

  it('reports a refused answer to both sides, and the session goes on', async () => {
    const client = new CredentialsRecorder()
    client.challenged = () => value('wrong')
    const server = taking(() => {
      throw new RpcError('UNAUTHENTICATED', 'wrong')
    })
    const pair = await openPair({ client, server })
    const asked = new Settled(pair.server.session.challenge(value('who')))
    await pair.time.settle()
    expect(asked.error).toMatchObject({ code: 'UNAUTHENTICATED' })
    expect(client.answersFailed).toMatchObject([{ code: 'UNAUTHENTICATED', message: 'wrong' }])
    expect(pair.client.session.state).toBe('open')
    await nothingLeft(pair)
  })

  it('gets an empty answer from a client without a handler', async () => {
    const pair = await openPair({ server: taking() })
    const asked = new Settled(pair.server.session.challenge(value('who')))
    await pair.time.settle()
    expect([asked.isTaken, pair.server.recorder.given[0]?.auth]).toEqual([true, { kind: 'none' }])
    await nothingLeft(pair)
  })

  it('gets an empty answer when the handler of the client throws, which is reported there', async () => {
    const client = new CredentialsRecorder()
    const defect = new Error('no key')
    client.challenged = () => Promise.reject(defect)
    const pair = await openPair({ client, server: taking() })
    new Settled(pair.server.session.challenge(value('who')))
    await pair.time.settle()
    expect(pair.server.recorder.given[0]?.auth).toEqual({ kind: 'none' })
    expect(client.answersFailed).toEqual([defect])
    await nothingLeft(pair)
  })

  it('gets an empty answer when the handler of the client takes too long', async () => {
    const client = new CredentialsRecorder()
    client.challenged = () => new Promise(() => {})
    const pair = await openPair({ client, server: taking() })
    const asked = new Settled(pair.server.session.challenge(value('who'), { timeoutMs: 60_000 }))
    await pair.time.advance(9_999)
    expect(asked.result).toBeUndefined()
    await pair.time.advance(1)
    expect(client.answersFailed).toMatchObject([{ code: 'DEADLINE_EXCEEDED' }])
    expect([asked.isTaken, pair.server.recorder.given[0]?.auth]).toEqual([true, { kind: 'none' }])
    await nothingLeft(pair)
  })

  it.each([
    [undefined, 10_000],
    [300, 300],
  ])(
    'with the timeout %j fails after %i ms, and no other is made before its answer',
    async (timeoutMs, waitedMs) => {
      const { peer, time, session, recorder } = await credentialsProbe('server', taking())
      const asked = new Settled(session.challenge(value('who'), { timeoutMs }))
      await time.advance(waitedMs - 1)
      expect(asked.result).toBeUndefined()
      await time.advance(1)
      expect(asked.error).toMatchObject({ code: 'DEADLINE_EXCEEDED' })
      const second = new Settled(session.challenge(value('who')))
      await time.settle()
      expect(second.error).toMatchObject({ code: 'FAILED_PRECONDITION' })
      peer.send(given(1))
      await time.settle()
      expect(peer.all('verdict')).toMatchObject([{ id: 1, refusal: { code: 'DEADLINE_EXCEEDED' } }])
      const third = new Settled(session.challenge(value('who')))
      peer.send(given(2))
      await time.settle()
      expect([third.isTaken, recorder.given.length, session.state]).toEqual([true, 1, 'open'])
      session.abort(ended)
      await time.settle()
      expect(time.timers).toEqual([])
    },
  )

  it.each([
    ['that was already answered', 1],
    ['that was never sent', 7],
  ])('%s: an answer to it is a violation', async (_, id) => {
    const { peer, time, session, recorder } = await credentialsProbe('server', taking())
    new Settled(session.challenge(value('who')))
    peer.send(given(1))
    await time.settle()
    peer.send(given(id))
    await time.advance(2_000)
    expect(recorder.closes).toMatchObject([{ code: 'PROTOCOL_VIOLATION' }])
  })

  it('is refused while another is open, without a handler, or with an invalid timeout', async () => {
    const pair = await openPair({ server: taking(() => new Promise(() => {})) })
    new Settled(pair.server.session.challenge(value('who')))
    const plain = await openPair()
    const failed = [
      pair.server.session.challenge(value('who')),
      plain.server.session.challenge(value('who')),
      pair.server.session.challenge(value('who'), { timeoutMs: -1 }),
      pair.client.session.challenge(value('who')),
      pair.server.session.renewCredentials(value('who')),
    ].map((promise) => new Settled(promise))
    await pair.time.settle()
    await plain.time.settle()
    expect(failed.map(({ error }) => error)).toMatchObject([
      { code: 'FAILED_PRECONDITION', message: expect.stringContaining('has not answered') },
      { code: 'FAILED_PRECONDITION', message: expect.stringContaining('no handler') },
      { code: 'INVALID_LIMITS' },
      { code: 'FAILED_PRECONDITION', message: 'only a server can do that' },
      { code: 'FAILED_PRECONDITION', message: 'only a client can do that' },
    ])
    await nothingLeft(pair)
    await nothingLeft(plain)
  })

  it('fails when the connection is lost', async () => {
    const client = new CredentialsRecorder()
    client.challenged = () => new Promise(() => {})
    const pair = await openPair({ client, server: taking() })
    const asked = new Settled(pair.server.session.challenge(value('who')))
    await pair.time.settle()
    pair.client.stream.abort()
    await pair.time.settle()
    expect(asked.error).toMatchObject({ code: 'UNAVAILABLE' })
    await nothingLeft(pair)
  })

  it.each([
    ['over helloBytesMax', rawBody(1001)],
    ['that is not JSON', json('{')],
  ])('%s gets an empty answer, and is reported at the client', async (_, body) => {
    const recorder = new CredentialsRecorder()
    recorder.challenged = () => value('never')
    const { peer, time, session } = await credentialsProbe('client', recorder, {
      limits: { helloBytesMax: 1000 },
    })
    peer.send(challenge(1, body))
    await time.settle()
    expect(peer.all('credentials')).toMatchObject([{ id: 1, body: noBody }])
    expect(recorder.answersFailed).toHaveLength(1)
    session.abort(ended)
  })

  it('is a violation before the last one was answered', async () => {
    const recorder = new CredentialsRecorder()
    recorder.challenged = () => new Promise(() => {})
    const { peer, time } = await credentialsProbe('client', recorder)
    peer.send(challenge(1), challenge(2))
    await time.advance(2_000)
    expect(recorder.closes).toMatchObject([{ code: 'PROTOCOL_VIOLATION' }])
    expect(time.timers).toEqual([])
  })

  it('fails in time when unrequested credentials come in place of an answer', async () => {
    const { peer, time, session } = await credentialsProbe('server', taking())
    const asked = new Settled(session.challenge(value('who'), { timeoutMs: 5_000 }))
    await time.advance(1_000)
    peer.send(given(0))
    await time.advance(3_999)
    expect(asked.result).toBeUndefined()
    await time.advance(1)
    expect(asked.error).toMatchObject({ code: 'DEADLINE_EXCEEDED' })
    session.abort(ended)
    await time.settle()
    expect(time.timers).toEqual([])
  })

  it('and new credentials are decided one after the other', async () => {
    const decisions: (() => void)[] = []
    const client = new CredentialsRecorder()
    client.challenged = () => token('asked')
    const server = taking(() => new Promise<void>((resolve) => decisions.push(resolve)))
    const pair = await openPair({ client, server })
    const renewed = new Settled(pair.client.session.renewCredentials(token('unasked')))
    const asked = new Settled(pair.server.session.challenge(value('who')))
    await pair.time.settle()
    expect(server.given.map(({ auth }) => auth)).toEqual([token('unasked')])
    decisions[0]?.()
    await pair.time.settle()
    expect([renewed.isTaken, asked.result]).toEqual([true, undefined])
    decisions[1]?.()
    await pair.time.settle()
    expect([asked.isTaken, server.taken]).toEqual([true, 2])
    await nothingLeft(pair)
  })
})

it('the refusal of an answer is not reported when there is no handler for it', async () => {
  const client = new CredentialsRecorder()
  client.challenged = () => Promise.reject(new Error('no key'))
  Object.assign(client, { answerFailed: undefined })
  const pair = await openPair({ client, server: taking(() => Promise.reject(new RpcError('NO', 'no'))) })
  const asked = new Settled(pair.server.session.challenge(value('who')))
  await pair.time.settle()
  expect([asked.error, client.uncaughtErrors]).toMatchObject([{ code: 'NO' }, []])
  await nothingLeft(pair)
})
