import { RpcError } from '@frameport/protocol'
import type { SessionLimits } from '@frameport/protocol/session'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFailed } from 'vitest'
import { until } from '../support/until.ts'
import { portOf } from './support/backends.ts'
import { answerKinds } from './support/kinds-over-session.ts'
import { KindsState } from './support/kinds-state.ts'
import { type PythonProcess, startPython } from './support/python.ts'
import { ResumingClient, ResumingServer } from './support/resuming.ts'
import { SessionCall, type SessionCallOptions } from './support/session-call.ts'

const violation = 'PROTOCOL_VIOLATION'
const script = 'resume_by_hand.py'
const echo = { input: { text: 'a' } }

let python: PythonProcess
beforeAll(() => {
  python = startPython(script)
})
afterAll(() => python.finish())

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** Its remaining output would be taken for that of the next case. */
function startAnewOnFailure(): void {
  onTestFailed(() => {
    python.kill()
    python = startPython(script)
  })
}

describe('Our server, with a client that is simulated message by message,', () => {
  async function playedBy(name: string): Promise<Readonly<Record<string, unknown>>> {
    startAnewOnFailure()
    const server = await ResumingServer.listen(portOf('net'), answerKinds(new KindsState()))
    closing.push(() => server.close())
    python.tell(`dial ${server.port} ${name}`)
    const told = await python.next()
    expect(await python.next()).toEqual({ done: name })
    return told
  }

  it('repeats unacknowledged messages once, and no acknowledged ones', async () => {
    expect(await playedBy('again')).toEqual({
      received: [1, 2],
      repeated: true,
      others: 3,
      behind: 'pong',
    })
  })

  it('counts skips and unknown kinds', async () => {
    expect(await playedBy('skipped')).toEqual({ received: [1, 3] })
  })

  it('accepts the last shown secret until something after the next welcome was acknowledged', async () => {
    expect(await playedBy('secrets')).toEqual({ good: [1, 1, 1], different: 4, old: null, newest: 1 })
  })

  it('starts a new session for a client with changed settings, and keeps the old one', async () => {
    expect(await playedBy('not_the_same')).toEqual({ others: Array(7).fill(null), same: 1 })
  })

  it('detects an impossible count in a hello, and keeps the session', async () => {
    expect(await playedBy('impossible')).toEqual({ code: violation, received: [1, 1] })
  })

  it('detects acknowledgements of messages that were not sent, and decreasing ones', async () => {
    expect(await playedBy('ack_too_high')).toEqual({ code: violation })
    expect(await playedBy('ack_too_low')).toEqual({ code: violation })
  })

  it('does not offer a session to a client that keeps too little', async () => {
    expect(await playedBy('too_little')).toEqual({ named: false })
  })

  it('keeps a session after the first step of a GOAWAY, and not after the second', async () => {
    expect(await playedBy('final_goaway')).toEqual({ first: 1, final: null })
  })
})

describe('Our client, with a server that is simulated message by message,', () => {
  async function playedBy(
    name: string,
    calls: readonly SessionCallOptions[] = [],
    limits: Partial<SessionLimits> = {},
  ) {
    startAnewOnFailure()
    python.tell(`serve ${name}`)
    const { port: number } = await python.next()
    const port = portOf('net')
    closing.push(() => port.close())
    const client = new ResumingClient(port, `tcp://127.0.0.1:${number}`, (call) => call.end(), limits)
    closing.push(() => client.close())
    const made = calls.map((options) => new SessionCall(client.session, 'kinds@1/echo', options))
    const told = async () => {
      const facts = await python.next()
      expect(await python.next()).toEqual({ done: name })
      return facts
    }
    return { client, made, told }
  }

  it('repeats a call with the time that is left', async () => {
    const { made, told } = await playedBy('time_left', [{ ...echo, deadlineMs: 10_000 }])
    expect(await made[0]?.result).toEqual({ text: 'a' })
    const { left, pauseMs, ...others } = (await told()) as { left: number[]; pauseMs: number }
    expect(others).toMatchObject({ shown: [0, 0], same: true })
    const [first = 0, second = 0, third = 0] = left
    expect(first - second).toBeGreaterThanOrEqual(pauseMs)
    expect(second - third).toBeGreaterThanOrEqual(pauseMs)
    expect(third).toBeGreaterThan(0)
  })

  it('repeats a cancelled call without time, followed by its cancel', async () => {
    const { client, made, told } = await playedBy('given_up', [echo])
    expect(await python.next()).toEqual({ cut: true })
    await until(() => client.detaches.length > 0)
    made[0]?.call.cancel(new RpcError('CANCELLED', 'enough'))
    python.tell('go')
    expect(await told()).toEqual({ before: null, left: 0, cancelled: true })
    await expect(made[0]?.result).rejects.toMatchObject({ code: 'CANCELLED' })
    await until(() => client.session.callsInFlight === 0)
  })

  it('repeats at most one byte of the body of such a call, so that it fits even if its first piece filled a frame', async () => {
    const { client, made, told } = await playedBy('full_frame', [{ input: { text: 'x'.repeat(100_000) } }])
    expect(await python.next()).toEqual({ cut: true })
    await until(() => client.detaches.length > 0)
    made[0]?.call.cancel(new RpcError('CANCELLED', 'enough'))
    python.tell('go')
    const answer = (await told()) as { readonly bytesAgain: number }
    expect(answer).toMatchObject({ bytes: 4_096, again: 'call', left: 0 })
    expect(answer.bytesAgain).toBeLessThan(100)
    await expect(made[0]?.result).rejects.toMatchObject({ code: 'CANCELLED' })
  })

  it('repeats a call with more metadata than it would accept itself', async () => {
    const { made, told } = await playedBy(
      'metadata',
      [{ ...echo, metadata: { a: '1', b: '2' }, deadlineMs: 10_000 }],
      { metadataEntriesMax: 1 },
    )
    const metadata = { a: '1', b: '2' }
    expect(await made[0]?.result).toEqual({ text: 'a' })
    expect(await told()).toEqual({ first: metadata, again: metadata })
  })

  it('repeats messages that were not handled, once and in order', async () => {
    const { made, told } = await playedBy('once', [echo, echo, echo])
    expect(await Promise.all(made.map(({ result }) => result))).toEqual(Array(3).fill({ text: 'a' }))
    expect(await told()).toEqual({ same: true, behind: 'pong' })
  })

  it('detects an impossible count in a welcome, and ends the session', async () => {
    const { client, told } = await playedBy('impossible', [echo])
    expect(await told()).toEqual({ code: violation })
    await until(() => client.endReason)
    expect(client.endReason).toMatchObject({ code: violation })
  })

  it('detects a welcome that resumes a session without a request', async () => {
    const { client, told } = await playedBy('unasked')
    expect(await told()).toEqual({ shown: false, code: violation })
    await until(() => client.endReason)
    expect(client.endReason).toMatchObject({ code: violation })
  })

  it('detects acknowledgements of messages that were not sent, and decreasing ones', async () => {
    for (const name of ['ack_too_high', 'ack_too_low']) {
      const { client, told } = await playedBy(name, [echo])
      expect(await told()).toEqual({ code: violation })
      await until(() => client.endReason)
      expect(client.endReason).toMatchObject({ code: violation })
    }
  })

  it('does not resume with a server whose settings have changed', async () => {
    const { client, told } = await playedBy('other_settings', [echo])
    expect(await told()).toEqual({ code: violation })
    await until(() => client.endReason)
    expect(client.endReason).toMatchObject({ code: violation })
  })

  it('cuts a connection with a wrong welcome without a GOAWAY, which would end the session, and connects again', async () => {
    const { made, told } = await playedBy('other_version', [echo])
    expect(await made[0]?.result).toEqual({ text: 'a' })
    expect(await told()).toEqual({ code: null, shown: true })
  })

  it('connects again when its hello is refused, or answered by a GOAWAY', async () => {
    const { client, made, told } = await playedBy('refused_and_ended', [echo])
    expect(await made[0]?.result).toEqual({ text: 'a' })
    expect(await told()).toEqual({ shown: [true, true, true], same: true })
    expect(client.resumes).toBe(1)
  })

  it('ends its session when it learns that another client has it', async () => {
    const { client, made, told } = await playedBy('replaced', [echo])
    expect(await told()).toEqual({ ended: true })
    await expect(made[0]?.result).rejects.toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: true })
    await until(() => client.endReason)
    expect(client.endReason).toMatchObject({ code: 'REPLACED' })
  })
})
