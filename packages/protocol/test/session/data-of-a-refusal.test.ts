import { describe, expect, it } from 'vitest'
import type { EnvelopeBody } from '../../src/envelope/index.ts'
import { RpcError } from '../../src/index.ts'
import { hello, json, noBody, probe, rawBody } from '../support/raw-peer.ts'
import { startCall } from '../support/sessions.ts'

const bytesMax = 16
/** The longest JSON text that is accepted, and one that is longer by one byte. */
const longest = `"${'x'.repeat(bytesMax - 2)}"`
const tooLong = `"${'x'.repeat(bytesMax - 1)}"`

describe('the data of a refusal of a hello', () => {
  async function sent(data: unknown, bodyBytesMax = 1_024) {
    const { time, peer, recorder } = probe('server')
    recorder.onHello = () => Promise.reject(new RpcError('UNAUTHENTICATED', 'no', { data }))
    peer.send({ ...hello, settings: [[2, bodyBytesMax]] })
    await time.advance(2_000)
    expect(recorder.closes).toMatchObject([{ code: 'HELLO_REFUSED', cause: { code: 'UNAUTHENTICATED' } }])
    return peer.all('refused')
  }
  const refusedWith = (body: EnvelopeBody) => [{ code: 'UNAUTHENTICATED', text: 'no', body }]

  it('are sent to the client', async () => {
    expect(await sent({ realm: 'staff' })).toMatchObject(refusedWith(json('{"realm":"staff"}')))
  })

  it('are sent when they have exactly the maximum of the client', async () => {
    expect(await sent(JSON.parse(longest), bytesMax)).toMatchObject(refusedWith(json(longest)))
  })

  it('are absent when there are none', async () => {
    expect(await sent(undefined)).toMatchObject(refusedWith(noBody))
  })

  it.each([
    ['that have no JSON form', Number.NaN, 1_024],
    ['that are longer than the limit of the client', JSON.parse(tooLong), bytesMax],
  ])('%s are left out, while the code and the text are sent', async (_, data, bodyBytesMax) => {
    expect(await sent(data, bodyBytesMax)).toMatchObject(refusedWith(noBody))
  })
})

describe('the data of a refusal at the client', () => {
  async function seen(body: EnvelopeBody) {
    const { time, peer, session, recorder } = probe('client', { limits: { bodyBytesMax: bytesMax } })
    const call = startCall(session)
    peer.send({ kind: 'refused', code: 'UNAUTHENTICATED', text: 'no', metadata: {}, body })
    await time.advance(2_000)
    expect(call.error).toMatchObject({ code: 'UNAUTHENTICATED', message: 'no' })
    const { cause } = call.error ?? {}
    expect(recorder.closes).toMatchObject([{ code: 'HELLO_REFUSED', cause }])
    expect(cause).toMatchObject({ code: 'UNAUTHENTICATED' })
    return (cause as RpcError).data
  }

  it('are in the cause of the errors of its calls', async () => {
    expect(await seen(json('{"realm":1}'))).toEqual({ realm: 1 })
  })

  it('may have exactly the maximum of the client', async () => {
    expect(await seen(json(longest))).toEqual(JSON.parse(longest))
  })

  it.each([
    ['longer than it takes', json(tooLong)],
    ['not valid JSON', json('{')],
    ['raw bytes', rawBody(3)],
    ['not there', noBody],
  ] satisfies [string, EnvelopeBody][])(
    'that are %s are ignored, and its calls fail with the same code',
    async (_, body) => {
      expect(await seen(body)).toBeUndefined()
    },
  )
})
