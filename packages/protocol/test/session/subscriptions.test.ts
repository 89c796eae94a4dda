import { describe, expect, it } from 'vitest'
import { RpcError } from '../../src/index.ts'
import type { IncomingSubscription } from '../../src/session/index.ts'
import { openProbe } from '../support/raw-peer.ts'
import { connected, Recorder } from '../support/sessions.ts'

class Subscribed extends Recorder {
  readonly requests: IncomingSubscription[] = []
  subscription(request: IncomingSubscription): void {
    this.requests.push(request)
  }
}

const change = { kind: 'subscribe', event: 'a@1/b', topic: '"t"' } as const

describe('a subscription over the wire', () => {
  it('is requested and removed in order, and answered like a call', async () => {
    const { time, client, server } = await connected()
    const requests: IncomingSubscription[] = []
    Object.assign(server.recorder, {
      subscription: (request: IncomingSubscription) => requests.push(request),
    })
    const settled: unknown[] = []
    client.session.changeSubscription(change, (error) => settled.push(error?.code ?? 'OK'))
    client.session.changeSubscription({ ...change, kind: 'unsubscribe' }, (error) =>
      settled.push(error?.code ?? 'OK'),
    )
    await time.settle()
    expect(requests.map(({ kind, event, topic }) => [kind, event, topic])).toEqual([
      ['subscribe', 'a@1/b', '"t"'],
      ['unsubscribe', 'a@1/b', '"t"'],
    ])
    expect([settled, client.session.callsInFlight, server.session.callsInFlight]).toEqual([[], 2, 2])
    requests[0]!.call.respond({ kind: 'none' })
    requests[1]!.call.fail(new RpcError('PERMISSION_DENIED', 'no'))
    await time.settle()
    expect([settled, client.session.callsInFlight, server.session.callsInFlight]).toEqual([
      ['OK', 'PERMISSION_DENIED'],
      0,
      0,
    ])
  })

  it('is refused with UNIMPLEMENTED by a side without a handler', async () => {
    const { time, client } = await connected()
    const settled: unknown[] = []
    client.session.changeSubscription(change, (error) => settled.push(error?.code))
    await time.settle()
    expect(settled).toEqual(['UNIMPLEMENTED'])
  })

  it('takes a slot: it is refused over callsInFlightMax, and the caller waits for a slot', async () => {
    const recorder = new Subscribed()
    const raw = await openProbe('server', { limits: { callsInFlightMax: 2 } }, {}, recorder)
    for (const callId of [1, 3, 5]) raw.peer.send({ ...change, callId, topic: `${callId}`, metadata: {} })
    await raw.time.settle()
    expect(recorder.requests).toHaveLength(2)
    expect(raw.peer.all('failure')).toMatchObject([{ callId: 5, code: 'RESOURCE_EXHAUSTED' }])
    const caller = await openProbe('client', { peerLimits: { callsInFlightMax: 1 } })
    for (const topic of ['1', '2']) caller.session.changeSubscription({ ...change, topic }, () => undefined)
    await caller.time.settle()
    expect(caller.peer.all('subscribe').map(({ topic }) => topic)).toEqual(['1'])
    const [first] = caller.peer.all('subscribe')
    caller.peer.send({
      kind: 'result',
      callId: first!.callId,
      metadata: {},
      body: { encoding: 'none', bytes: new Uint8Array(0) },
    })
    await caller.time.settle()
    expect(caller.peer.all('subscribe').map(({ topic }) => topic)).toEqual(['1', '2'])
  })

  it('fails with UNAVAILABLE when the session ends before the answer', async () => {
    const { client } = await connected()
    const settled: unknown[] = []
    client.session.changeSubscription(change, (error) => settled.push(error?.code))
    client.session.abort({ code: 'ABORTED', message: 'enough' })
    expect(settled).toEqual(['UNAVAILABLE'])
  })

  it('is refused with INTERNAL when its hook throws, and the session continues', async () => {
    const { time, client, server } = await connected()
    Object.assign(server.recorder, {
      subscription: () => {
        throw new Error('hook')
      },
    })
    const settled: unknown[] = []
    client.session.changeSubscription(change, (error) => settled.push(error?.code))
    await time.settle()
    expect([settled, server.session.state, server.recorder.uncaughtErrors]).toMatchObject([
      ['INTERNAL'],
      'open',
      [{ message: 'hook' }],
    ])
  })

  /** A client with an accepted subscription, which records its end. */
  async function given() {
    const pair = await connected()
    const { time, client, server } = pair
    const ended: unknown[] = []
    const requests: IncomingSubscription[] = []
    Object.assign(server.recorder, {
      subscription: (request: IncomingSubscription) => requests.push(request),
    })
    Object.assign(client.recorder, {
      subscriptionEnded: (callId: number, { code, message }: RpcError) => ended.push([callId, code, message]),
    })
    const settled: unknown[] = []
    const { id } = client.session.changeSubscription(change, (error) => settled.push(error?.code ?? 'OK'))
    await time.settle()
    requests[0]!.accept()
    await time.settle()
    expect([settled, ended]).toEqual([['OK'], []])
    return { ...pair, requests, settled, ended, id }
  }

  it('ends with a failure after its success, with the id of its call', async () => {
    const { time, client, server, settled, ended, id } = await given()
    server.session.endSubscription(id, new RpcError('PERMISSION_DENIED', 'no more'))
    await time.settle()
    expect([settled, ended]).toEqual([['OK'], [[id, 'PERMISSION_DENIED', 'no more']]])
    expect([client.session.state, client.session.callsInFlight]).toEqual(['open', 0])
  })

  it('ends silently at a client without a hook, and after the end of the session', async () => {
    const { time, client, server, ended, id } = await given()
    Object.assign(client.recorder, { subscriptionEnded: undefined })
    server.session.endSubscription(id, new RpcError('PERMISSION_DENIED', 'no more'))
    await time.settle()
    expect([ended, client.session.state]).toEqual([[], 'open'])
    server.session.abort({ code: 'ABORTED', message: 'enough' })
    server.session.endSubscription(id, new RpcError('PERMISSION_DENIED', 'no more'))
    await time.settle()
    expect(ended).toEqual([])
  })
})
