import { safe } from '@frameport/client'
import { RpcError } from '@frameport/protocol'
import { describedContract } from '@frameport/protocol/contract'
import type { IncomingCall } from '@frameport/protocol/session'
import { describe, expect, it } from 'vitest'
import { textOf } from '../src/differences/explain-mismatch.ts'
import type { ServerDifference } from '../src/server-difference.ts'
import { answering, other, type Played, played } from './support/played-states.ts'

const difference = (
  place: string,
  outcome: ServerDifference['outcome'],
  kind: ServerDifference['kind'] = 'procedure',
): ServerDifference => ({ kind, member: 'put', place, outcome, text: `differs at ${place}` })

describe('the explanation of a failure', () => {
  it('lists whole members if one of the differences is of a whole member', () => {
    const found = [difference('output.age', 'fails'), difference('', 'fails')]
    expect(textOf(found)).toBe('it differs at output.age; it differs at ')
  })

  it('lists the places, harmful ones first, otherwise in their order', () => {
    const found = [
      difference('output.a', 'works'),
      difference('output.b', 'fails'),
      difference('output.c', 'works'),
      difference('output.d', 'loses'),
      difference('output.e', 'unknown'),
    ]
    expect(textOf(found)).toBe('they differ in: output.b, output.d, output.e, output.a, output.c')
  })

  it('describes in words what is not a place in data', () => {
    expect(textOf([difference('kind', 'fails'), difference('subscribe', 'fails', 'event')])).toBe(
      'they differ in: the kind of call, who subscribes',
    )
  })

  it('lists eight places, and the number of the others', () => {
    const many = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'].map((place) => difference(place, 'fails'))
    expect(textOf(many.slice(0, 8))).toBe('they differ in: a, b, c, d, e, f, g, h')
    expect(textOf(many)).toBe('they differ in: a, b, c, d, e, f, g, h and 2 more')
  })

  it.each<[string, ServerDifference, boolean]>([
    ['a member of an input that the server drops', difference('input.nick', 'loses'), true],
    ['a member of an input that the server refuses', difference('input.nick', 'fails'), false],
    ['a member of an output that this client drops', difference('output.nick', 'loses'), false],
    [
      'a member of an answer of this client that the server drops',
      difference('output.nick', 'loses', 'clientProcedure'),
      true,
    ],
    ['a topic that differs on the server', difference('topic', 'loses', 'event'), false],
  ])('says whether the server does not know it: %s', (_, found, isSaid) => {
    const said = isSaid ? `; the server does not know ${found.place}` : ''
    expect(textOf([found])).toBe(`they differ in: ${found.place}${said}`)
  })

  it('lists eight places that the server does not know', () => {
    const places = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].map((name) => `input.${name}`)
    const eight = places.slice(0, 8).join(', ')
    expect(textOf(places.map((place) => difference(place, 'loses')))).toBe(
      `they differ in: ${eight} and 1 more; the server does not know ${eight}`,
    )
  })
})

const describing = answering(describedContract(other))

/** A client that knows the differences of its server, which answers `get` with `answer`. */
async function knowing(answer: (call: IncomingCall) => void) {
  const made = played({ describe: describing, answer })
  await made.run(made.client.$connection.differences())
  return made
}

describe('a failure of a procedure that differs', () => {
  it.each<[string, RpcError]>([
    ['with a code of its handler', new RpcError('NOT_FOUND', 'nobody has that')],
    ['with a code of its handler that has a cause', new RpcError('ABORTED', 'gone', { cause: new Error() })],
    ['with INTERNAL that does not mention data', new RpcError('INTERNAL', 'failed')],
    ['with INVALID_ARGUMENT that does not mention data', new RpcError('INVALID_ARGUMENT', 'wrong')],
    ['with UNKNOWN without a reason', new RpcError('UNKNOWN', 'threw')],
    [
      'with an issue in the data of another code',
      new RpcError('NOT_FOUND', 'none', { data: { issues: [{ path: 'a', text: 'wrong' }] } }),
    ],
  ])('does not mention the differences %s', async (_, failure) => {
    const { client, run } = await knowing((call) => call.refuse(failure))
    const { error } = await run(safe(client.get()))
    expect([error?.code, error?.message]).toEqual([failure.code, failure.message])
  })

  it.each<[string, RpcError]>([
    ['a code of its handler', new RpcError('NOT_FOUND', 'nobody has that')],
    ['UNKNOWN without a reason', new RpcError('UNKNOWN', 'threw')],
  ])('does not wait for the differences of the server, with %s', async (_, failure) => {
    const { client, run, clock } = played({ answer: (call) => call.refuse(failure) })
    expect((await run(safe(client.get()))).error?.code).toBe(failure.code)
    expect(clock.nowMs()).toBe(0)
  })

  it('mentions them after its own text, instead of the full stop, and in its stack, too', async () => {
    const { client, run } = await knowing((call) =>
      call.refuse(new RpcError('INTERNAL', 'It failed.', { data: { issues: [{ path: 'a', text: 'no' }] } })),
    )
    const { error } = await run(safe(client.get()))
    const text =
      'It failed; client and server have different versions of this procedure; they differ in: output.a'
    expect([error?.message, error?.stack?.includes(text)]).toEqual([text, true])
  })

  it('is not explained by differences in an event of the same name', async () => {
    const { client, run } = await knowing((call) => call.respond({ kind: 'value', value: { a: 'x' } }))
    const { error } = await run(safe(client.news()))
    expect(error?.code).toBe('INTERNAL')
    expect(error?.message).not.toContain('different versions')
  })

  it('waits no longer than its deadline, even if the clock began long ago', async () => {
    const { client, run, clock } = played({})
    await run(client.same())
    await clock.advance(1_000)
    const { error } = await run(safe(client.get({ deadlineMs: 40 })))
    expect([error?.code, clock.nowMs()]).toEqual(['INTERNAL', 1_040])
  })
})

describe('an event that does not fit', () => {
  const invalidAt = (server: Played) => {
    const log: string[] = []
    const made = played(server, { onInvalidEvent: ({ message }) => void log.push(message) })
    made.client.$on('news', ({ a }) => void log.push(`heard ${a}`))
    const emit = (a: unknown) =>
      made.session.emit({ event: 'tiny@1/news', topic: '', body: { kind: 'value', value: { a } } })
    return { ...made, log, emit }
  }
  const explained = expect.stringMatching(/different versions of this event; they differ in: payload\.a$/)

  it('is reported before later events are delivered, if the differences of the event are known', async () => {
    const { client, run, clock, log, emit } = invalidAt({ describe: describing })
    await run(client.$connection.differences())
    emit('x')
    emit(1)
    await clock.settle()
    expect(log).toEqual([explained, 'heard 1'])
  })

  it('is reported after the server has sent its differences, if they were requested before', async () => {
    const { client, run, clock, log, emit } = invalidAt({
      describe: (call) => void clock.setTimer(300, () => describing(call)),
    })
    await run(client.same())
    emit('x')
    emit(1)
    await clock.settle()
    expect(log).toEqual(['heard 1'])
    await run(client.$connection.differences())
    await clock.settle()
    expect(log).toEqual(['heard 1', explained])
  })
})
