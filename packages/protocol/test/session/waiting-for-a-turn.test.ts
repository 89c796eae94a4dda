import { describe, expect, it } from 'vitest'
import type { Envelope } from '../../src/envelope/index.ts'
import { createSessionHost, type IncomingCall } from '../../src/session/index.ts'
import { Loop } from '../support/loop.ts'
import { network } from '../support/network.ts'
import { firstCall, hello, RawPeer } from '../support/raw-peer.ts'
import { openSide, Recorder, shareOf } from '../support/sessions.ts'

const KiB = 1024

function call(callId: number): Envelope {
  return { ...firstCall, callId }
}

/** Opens sessions of one server. */
function serverOf(loop: Loop) {
  const host = createSessionHost({ environment: loop, turnMs: 10, memoryBytesMax: 2 ** 28 })
  return async (take: (incoming: IncomingCall) => void, share?: string) => {
    const pair = { windowBytes: 2 ** 26, highWatermarkBytes: 2 ** 26, lowWatermarkBytes: 2 ** 25 }
    const { a, b, time } = network({ chunking: 'merged', ...pair })
    loop.readsLate(a)
    const recorder = new Recorder()
    recorder.onCall = take
    const options = { host, share: shareOf(share), limits: { answerBytesQueuedMax: 2 ** 26 } }
    const side = openSide('server', loop, a, options, recorder)
    const peer = new RawPeer(b)
    peer.send(hello)
    const settle = async () => {
      await time.settle()
      await loop.time.settle()
    }
    await settle()
    return { ...side, peer, settle }
  }
}

describe('answers', () => {
  it('of great length are encoded in several turns, and none is lost or out of order', async () => {
    const loop = new Loop()
    const waiting: IncomingCall[] = []
    const { peer, settle } = await serverOf(loop)((incoming) => void waiting.push(incoming))
    peer.send(...Array.from({ length: 64 }, (_, at) => call(1 + 2 * at)))
    await settle()
    for (let turn = 0; turn < 10; turn += 1) await loop.turn()
    // Each answer takes 200 of the 4,096 steps of a session.
    for (const incoming of waiting) incoming.respond({ kind: 'raw', bytes: new Uint8Array(200 * KiB) })
    const came = () => new Set([...peer.all('result')].map(({ callId }) => callId)).size
    await settle()
    const atOnce = came()
    expect(atOnce).toBeLessThan(30)
    for (let turn = 0; turn < 50; turn += 1) {
      await loop.turn()
      await settle()
    }
    expect([...new Set(peer.all('result').map(({ callId }) => callId))].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 64 }, (_, at) => 1 + 2 * at),
    )
  })

  it('of a session that did little also wait when all sessions have used up the turn, and are sent first in the next', async () => {
    const loop = new Loop()
    const open = serverOf(loop)
    const quiet: IncomingCall[] = []
    const light = await open((incoming) => void quiet.push(incoming))
    const heavy = await open((incoming) => {
      loop.workedMs += 2
      incoming.respond({ kind: 'none' })
    })
    light.peer.send(call(1))
    await light.settle()
    heavy.peer.send(...Array.from({ length: 60 }, (_, at) => call(1 + 2 * at)))
    await heavy.settle()
    // The turn is measured, and has ended.
    loop.workedMs += 11
    quiet[0]?.respond({ kind: 'none' })
    await light.settle()
    expect(light.peer.all('result')).toHaveLength(0)
    await loop.turn()
    await light.settle()
    expect(light.peer.all('result')).toHaveLength(1)
  })
})

describe('when all sessions together have used up the turn', () => {
  async function usedUp(loop: Loop) {
    const open = serverOf(loop)
    const light = await open((incoming) => incoming.respond({ kind: 'none' }))
    const heavy = await open((incoming) => {
      loop.workedMs += 2
      incoming.respond({ kind: 'none' })
    })
    heavy.peer.send(...Array.from({ length: 60 }, (_, at) => call(1 + 2 * at)))
    await heavy.settle()
    loop.workedMs += 11
    return light
  }

  it('frames for another session wait, and are handled in the next turn', async () => {
    const loop = new Loop()
    const light = await usedUp(loop)
    light.peer.send(call(1), call(3))
    await light.settle()
    expect(light.recorder.calls).toHaveLength(0)
    await loop.turn()
    await light.settle()
    expect(light.recorder.calls.map(({ id }) => id)).toEqual([1, 3])
  })

  it('the end of another connection also waits', async () => {
    const loop = new Loop()
    const light = await usedUp(loop)
    light.peer.stream.end()
    await light.settle()
    expect(light.recorder.closes).toHaveLength(0)
    await loop.turn()
    await light.settle()
    expect(light.recorder.closes).toMatchObject([{ code: 'CONNECTION_LOST' }])
  })
})

describe('bytes that arrive for a session that has ended', () => {
  it('are read in its turns, and do not keep the connection from closing', async () => {
    const loop = new Loop()
    const { peer, session, stream, recorder, settle } = await serverOf(loop)(() => undefined)
    // An unknown kind below 0x80 is an error.
    peer.sendFrame(Uint8Array.of(0x7f, 0))
    for (let at = 0; at < 20_000; at += 1) peer.sendFrame(Uint8Array.of(0xca, 1))
    await settle()
    expect([peer.goawayCode, stream.isPaused]).toEqual(['UNKNOWN_KIND', true])
    expect(session.stats().turnsUsedUp).toBe(1)
    for (let turn = 0; turn < 20; turn += 1) {
      await loop.turn()
      await settle()
    }
    await loop.time.advance(2_000)
    await settle()
    expect([recorder.closes.length, loop.time.timers, loop.turnsAsked]).toEqual([1, [], 0])
  })
})

describe('a peer whose streams never pause', () => {
  it('can still send a cancel, a ping, a call and its end', async () => {
    const loop = new Loop()
    const { peer, recorder, settle } = await serverOf(loop)((incoming) => {
      if (incoming.kind === 'unary') {
        incoming.respond({ kind: 'none' })
        return
      }
      const produce = async () => {
        while (!incoming.signal.aborted) {
          if (!incoming.canSendItem) await incoming.ready()
          loop.workedMs += 0.05
          incoming.sendItem({ kind: 'none' })
          await null
        }
        incoming.fail(incoming.signal.reason)
      }
      produce().catch(() => incoming.end())
    })
    const endless = { items: Number.MAX_SAFE_INTEGER, bytes: Number.MAX_SAFE_INTEGER }
    for (let at = 0; at < 4; at += 1) peer.send({ ...call(1 + 2 * at), credit: endless } as Envelope)
    const turns = async (count: number) => {
      for (let turn = 0; turn < count; turn += 1) {
        await loop.turn()
        await settle()
      }
    }
    await settle()
    await turns(5)
    peer.send({ kind: 'ping', token: 7 }, call(9), { kind: 'cancel', callId: 3, code: 'CANCELLED', text: '' })
    await turns(6)
    expect(peer.all('pong')).toMatchObject([{ token: 7 }])
    expect(peer.all('result').map(({ callId }) => callId)).toEqual([9])
    expect(peer.all('failure').map(({ callId }) => callId)).toEqual([3])
    peer.stream.end()
    await turns(6)
    expect(recorder.closes).toMatchObject([{ code: 'CONNECTION_LOST' }])
  })
})
