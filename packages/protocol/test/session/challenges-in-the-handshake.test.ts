import { describe, expect, it } from 'vitest'
import type { Body, EnvelopeBody } from '../../src/envelope/index.ts'
import { RpcError } from '../../src/index.ts'
import type { AskClient } from '../../src/session/index.ts'
import {
  CredentialsRecorder,
  credentialsPair,
  credentialsProbe,
  nothingLeft,
  Settled,
} from '../support/credentials.ts'
import { hello, json, noBody, rawBody } from '../support/raw-peer.ts'
import { raw, startCall, value } from '../support/sessions.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const challenge = (id: number) => ({ kind: 'challenge', id, metadata: {}, body: json('1') }) as const
const credentials = (id: number, body: EnvelopeBody = noBody) =>
  ({ kind: 'credentials', id, metadata: {}, body }) as const

/** A server that asks `rounds` times, and accepts the client if it gave an answer each time. */
function asking(rounds: number, refused: unknown[] = []): CredentialsRecorder {
  const recorder = new CredentialsRecorder()
  recorder.onAsking = async (_, ask) => {
    for (let round = 0; round < rounds; round += 1) {
      const answer = await ask(raw(bytes(`nonce ${round}`))).catch((error: unknown) => {
        refused.push(error)
        throw error
      })
      if (answer.kind === 'none') throw new RpcError('UNAUTHENTICATED', 'no answer')
    }
    return { principal: 'ann' }
  }
  return recorder
}

function answering(answer: (challenge: Body) => Body | Promise<Body>): CredentialsRecorder {
  const recorder = new CredentialsRecorder()
  recorder.challenged = answer
  return recorder
}

describe('a challenge before the welcome', () => {
  it('is answered by the client, as often as the server asks, before it is accepted', async () => {
    const seen: string[] = []
    const client = answering(async (asked) => {
      const text = new TextDecoder().decode((asked as { bytes: Uint8Array }).bytes)
      seen.push(text)
      return raw(bytes(`${text}!`))
    })
    const pair = credentialsPair({ client, server: asking(2) })
    const call = startCall(pair.client.session)
    pair.server.recorder.onCall = (incoming) => incoming.respond(value(1))
    await pair.time.settle()
    expect([seen, call.value, pair.client.session.state]).toEqual([['nonce 0', 'nonce 1'], 1, 'open'])
    await nothingLeft(pair)
  })

  it('resolves with the answer of the client', async () => {
    const answers: Body[] = []
    const server = new CredentialsRecorder()
    server.onAsking = async (_, ask) => {
      answers.push(await ask(value({ nonce: 5 })))
      return {}
    }
    const pair = credentialsPair({ client: answering((asked) => value({ asked })), server })
    await pair.time.settle()
    expect(answers).toEqual([value({ asked: { kind: 'value', value: { nonce: 5 } } })])
    await nothingLeft(pair)
  })

  it('to a client without a handler gets an empty answer, and the server decides', async () => {
    const pair = credentialsPair({ server: asking(1) })
    const call = startCall(pair.client.session)
    await pair.time.advance(2_000)
    expect(call.error).toMatchObject({ code: 'UNAUTHENTICATED', message: 'no answer', maybeExecuted: false })
    expect(pair.client.recorder.closes).toMatchObject([{ code: 'HELLO_REFUSED' }])
    await nothingLeft(pair)
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('no key')
      },
    ],
    ['rejects', () => Promise.reject(new Error('no key'))],
    ['returns a value that cannot be sent', () => value(1n)],
  ] as [string, () => Body | Promise<Body>][])(
    'to a client whose handler %s ends the handshake, with the reason',
    async (_, answer) => {
      const refused: unknown[] = []
      const pair = credentialsPair({ client: answering(answer), server: asking(1, refused) })
      const call = startCall(pair.client.session)
      await pair.time.advance(2_000)
      expect(pair.client.recorder.closes).toMatchObject([
        { code: 'ABORTED', message: expect.stringContaining('this client cannot answer the challenge') },
      ])
      expect(call.error).toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: false })
      expect(refused).toMatchObject([{ code: 'UNAVAILABLE' }])
      expect(pair.client.recorder.answersFailed).toEqual([])
      await nothingLeft(pair)
    },
  )

  it('fails when the server closes the connection', async () => {
    const refused: unknown[] = []
    const pair = credentialsPair({
      client: answering(() => new Promise(() => {})),
      server: asking(1, refused),
    })
    await pair.time.settle()
    await nothingLeft(pair)
    expect(refused).toMatchObject([{ code: 'UNAVAILABLE' }])
  })

  it('does not extend the time of the handshake', async () => {
    const refused: unknown[] = []
    const client = answering(() => new Promise(() => {}))
    const pair = credentialsPair({ client, server: asking(1, refused) })
    await pair.time.advance(9_999)
    expect(pair.server.session.state).toBe('opening')
    await pair.time.advance(2_000)
    expect(pair.server.recorder.closes).toMatchObject([{ code: 'HELLO_TIMEOUT' }])
    expect(refused).toMatchObject([{ code: 'UNAVAILABLE' }])
    await nothingLeft(pair)
  })

  it('fails when the client is accepted before it answers', async () => {
    const asked: Settled[] = []
    const recorder = new CredentialsRecorder()
    recorder.onAsking = async (_, ask) => {
      asked.push(new Settled(ask(value(1))))
      return {}
    }
    const { peer, time, session } = await credentialsProbe('server', recorder, {}, false)
    peer.send(hello)
    await time.settle()
    expect([session.state, asked[0]?.error]).toMatchObject(['open', { code: 'FAILED_PRECONDITION' }])
    peer.send(credentials(1))
    await time.settle()
    expect(peer.all('verdict')).toMatchObject([{ id: 1, refusal: { code: 'DEADLINE_EXCEEDED' } }])
    expect(session.state).toBe('open')
    session.abort({ code: 'ABORTED', message: 'done' })
  })
})

describe('the challenges of one handshake', () => {
  it.each([
    [8, 'open'],
    [9, 'closed'],
    [100, 'closed'],
  ])('leave the server in the right state after %i rounds: %s', async (rounds, state) => {
    const refused: unknown[] = []
    const client = answering(() => value(1))
    const pair = credentialsPair({ client, server: asking(rounds, refused) })
    await pair.time.settle()
    expect(pair.server.session.state).toBe(state)
    expect(refused).toMatchObject(state === 'open' ? [] : [{ code: 'RESOURCE_EXHAUSTED' }])
    if (state === 'closed')
      expect(pair.client.recorder.closes.concat(pair.server.recorder.closes)[0]).toBeDefined()
    await nothingLeft(pair)
  })

  it.each([
    [8, []],
    [9, [{ code: 'LIMIT_EXCEEDED' }]],
    [100, [{ code: 'LIMIT_EXCEEDED' }]],
  ])('of which a server sends %i close the client for %j', async (rounds, closes) => {
    const { peer, time, recorder, session } = await credentialsProbe(
      'client',
      new CredentialsRecorder(),
      {},
      false,
    )
    for (let id = 1; id <= rounds; id += 1) peer.send(challenge(id))
    await time.advance(2_000)
    expect(recorder.closes).toMatchObject(closes)
    expect(peer.all('credentials')).toHaveLength(8)
    session.abort({ code: 'ABORTED', message: 'done' })
  })

  it('come one at a time: a second one before the answer is a violation', async () => {
    const { peer, time, recorder } = await credentialsProbe(
      'client',
      answering(() => new Promise(() => {})),
      {},
      false,
    )
    peer.send(challenge(1), challenge(2))
    await time.advance(2_000)
    expect(recorder.closes).toMatchObject([
      { code: 'PROTOCOL_VIOLATION', message: expect.stringContaining('before the last one was answered') },
    ])
    expect(time.timers).toEqual([])
  })

  it('are made one at a time, and not after the client was accepted or has gone', async () => {
    let ask!: AskClient
    const recorder = new CredentialsRecorder()
    const second: Settled[] = []
    recorder.onAsking = async (_, given) => {
      ask = given
      const first = ask(value(1))
      second.push(new Settled(ask(value(2))))
      await first
      return {}
    }
    const pair = credentialsPair({ client: answering(() => value(1)), server: recorder })
    await pair.time.settle()
    second.push(new Settled(ask(value(3))))
    await nothingLeft(pair)
    second.push(new Settled(ask(value(4))))
    await pair.time.settle()
    expect(second.map(({ error }) => error)).toMatchObject([
      { code: 'FAILED_PRECONDITION', message: 'the client has not answered the last challenge' },
      { code: 'FAILED_PRECONDITION', message: 'the client was already accepted' },
      { code: 'UNAVAILABLE' },
    ])
  })
})

describe('credentials before the welcome', () => {
  it.each([
    ['that were not requested', 0],
    ['for a challenge that was never sent', 2],
  ])('%s are a violation', async (_, id) => {
    const { peer, time, recorder } = await credentialsProbe('server', asking(1), {}, false)
    peer.send(hello)
    await time.settle()
    peer.send(credentials(id))
    await time.advance(2_000)
    expect(recorder.closes).toMatchObject([{ code: 'PROTOCOL_VIOLATION' }])
    expect(time.timers).toEqual([])
  })

  it('that are invalid JSON refuse the hello', async () => {
    const { peer, time } = await credentialsProbe('server', asking(1), {}, false)
    peer.send(hello)
    await time.settle()
    peer.send(credentials(1, json('{')))
    await time.advance(2_000)
    expect(peer.all('refused')).toMatchObject([
      { code: 'INVALID_ARGUMENT', text: 'the credentials are not valid' },
    ])
  })

  it.each([
    [997, []],
    [998, [{ code: 'FRAME_TOO_LONG' }]],
    [900_000, [{ code: 'FRAME_TOO_LONG' }]],
  ])(
    'of %i bytes, after a header of 3 bytes, in frames of at most 1000, close for %j',
    async (length, closes) => {
      const { peer, time, recorder, session } = await credentialsProbe(
        'server',
        asking(1),
        { limits: { helloBytesMax: 1000 } },
        false,
      )
      peer.send(hello)
      await time.settle()
      peer.send(credentials(1, rawBody(length)))
      await time.settle()
      await time.advance(closes.length === 0 ? 0 : 2_000)
      expect(recorder.closes).toMatchObject(closes)
      if (closes.length === 0) expect(session.state).toBe('open')
      session.abort({ code: 'ABORTED', message: 'done' })
    },
  )

  it('are not requested with a challenge over the limit of the client: the hello is refused', async () => {
    const recorder = new CredentialsRecorder()
    recorder.onAsking = async (_, ask) => {
      await ask(raw(new Uint8Array(5_000)))
      return {}
    }
    const pair = credentialsPair(
      { server: recorder },
      { client: { limits: { frameBytesMax: 4096, bodyBytesMax: 100_000 } } },
    )
    const call = startCall(pair.client.session)
    await pair.time.advance(2_000)
    expect(call.code).toBe('RESOURCE_EXHAUSTED')
    await nothingLeft(pair)
  })
})
