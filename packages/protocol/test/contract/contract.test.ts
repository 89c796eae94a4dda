import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { topicKey } from '../../src/contract/index.ts'
import { bytes, contract, event, type Procedure, procedure } from '../../src/index.ts'
import { ProtocolError } from '../../src/protocol-error.ts'

const anything = procedure({})

function refusal(run: () => unknown): ProtocolError {
  try {
    run()
  } catch (error) {
    if (ProtocolError.is(error)) return error
    throw error
  }
  throw new Error('nothing was refused')
}

/** Groups nested `levels` deep, with a procedure in the innermost. */
function groupsDeep(levels: number): Record<string, never> {
  let group: object = { call: anything }
  for (let level = 0; level < levels; level++) group = { group }
  return group as Record<string, never>
}

const named = (name: string) => Object.fromEntries([[name, anything]])
const withNames = (procedures: object) => () =>
  contract('chat', { version: 1, procedures: procedures as Record<string, Procedure> })

describe('contract() refuses, and names the place of,', () => {
  const cases: readonly { readonly name: string; readonly run: () => unknown; readonly text: RegExp }[] = [
    { name: 'a dot', run: withNames({ 'a.b': anything }), text: /"a\.b" in contract chat.*dot/ },
    { name: 'a slash', run: withNames({ 'a/b': anything }), text: /slash/ },
    { name: 'a $ prefix', run: withNames({ $on: anything }), text: /begin with \$/ },
    { name: 'then', run: withNames(named('then')), text: /await client/ },
    { name: 'then in a group', run: withNames({ a: named('then') }), text: /in group a/ },
    { name: 'constructor', run: withNames({ constructor: anything }), text: /constructor/ },
    { name: '__proto__', run: withNames(JSON.parse('{"__proto__":{}}')), text: /prototype/ },
    { name: 'an empty name', run: withNames({ '': anything }), text: /empty/ },
    { name: 'a space', run: withNames({ 'a b': anything }), text: /identifier/ },
    { name: 'a control character', run: withNames({ 'a\u001b': anything }), text: /identifier/ },
    {
      name: 'a name one character over the limit',
      run: withNames({ ['a'.repeat(65)]: anything }),
      text: /65 characters/,
    },
    {
      name: 'a name far over the limit',
      run: withNames({ ['a'.repeat(1e6)]: anything }),
      text: /1000000 characters/,
    },
    { name: 'an empty group', run: withNames({ files: {} }), text: /Group files has no procedures/ },
    { name: 'nothing at all', run: withNames({}), text: /Contract chat has no procedures and no events/ },
    { name: 'a group that is not an object', run: withNames({ a: 1 }), text: /Group a must be an object/ },
    { name: 'groups one level too deep', run: withNames(groupsDeep(9)), text: /more than 8 groups deep/ },
    {
      name: 'too long a path in bytes',
      run: withNames({ ['語'.repeat(64)]: pathOf('語'.repeat(64), 6) }),
      text: /over 1024 bytes/,
    },
    {
      name: 'a path one byte over the limit',
      run: withNames(pathOfBytes(1025)),
      text: /over 1024 bytes/,
    },
    {
      name: 'output and items',
      run: withNames({ a: { ...anything, output: z.string(), items: z.string() } }),
      text: /both output and items/,
    },
    { name: 'no schema', run: withNames({ a: { ...anything, input: {} } }), text: /input of chat\/a/ },
    { name: 'lower case code', run: withNames({ a: withError('nameTaken') }), text: /UPPER_SNAKE/ },
    {
      name: 'an error code one character over the limit',
      run: withNames({ a: withError('A'.repeat(65)) }),
      text: /at most 64/,
    },
    { name: 'a standard code', run: withNames({ a: withError('NOT_FOUND') }), text: /standard codes/ },
    {
      name: 'bytes as error data',
      run: withNames({ a: procedure({ errors: { BAD: bytes() } }) }),
      text: /values only/,
    },
    {
      name: 'version 0',
      run: () => contract('chat', { version: 0, procedures: { anything } }),
      text: /is 0/,
    },
    {
      name: 'version 1.5',
      run: () => contract('chat', { version: 1.5, procedures: { anything } }),
      text: /1\.5/,
    },
    { name: 'a slash', run: () => contract('a/b', { version: 1, procedures: { anything } }), text: /"a\/b"/ },
    {
      name: 'version 2^53',
      run: () => contract('chat', { version: 2 ** 53, procedures: { anything } }),
      text: /is 9007199254740992/,
    },
    {
      name: 'a contract name one character over the limit',
      run: () => contract('c'.repeat(65), { version: 1, procedures: { anything } }),
      text: /at most 64/,
    },
    {
      name: 'an event name one character over the limit',
      run: () =>
        contract('chat', {
          version: 1,
          procedures: { anything },
          events: { ['a'.repeat(65)]: event(z.string()) },
        }),
      text: /65 characters/,
    },
    {
      name: 'an event named $x',
      run: () =>
        contract('chat', { version: 1, procedures: { anything }, events: { $x: event(z.string()) } }),
      text: /event "\$x"/,
    },
    {
      name: 'too many procedures',
      run: withNames(Object.fromEntries(Array.from({ length: 4097 }, (_, i) => [`call${i}`, anything]))),
      text: /4097 procedures/,
    },
  ]
  test.each(cases)('$name: $text', ({ run, text }) => {
    const error = refusal(run)
    expect(error.code).toBe('INVALID_CONTRACT')
    expect(error.message).toMatch(text)
    expect(error.message.length).toBeLessThan(1000)
  })

  test('but accepts names and depths just within the limits', () => {
    const longest = contract('chat', { version: 1, procedures: { ['a'.repeat(64)]: anything } })
    expect([...longest.procedureEntries.keys()]).toEqual(['a'.repeat(64)])
    const deepest = contract('chat', { version: 1, procedures: groupsDeep(8) })
    expect([...deepest.procedureEntries.keys()]).toEqual([`${'group.'.repeat(8)}call`])
  })

  test('but accepts as many procedures, and as many bytes in a name, as are allowed', () => {
    const many = Object.fromEntries(Array.from({ length: 4096 }, (_, i) => [`call${i}`, anything]))
    expect(contract('chat', { version: 1, procedures: many }).procedureEntries.size).toBe(4096)
    const long = contract('chat', { version: 1, procedures: pathOfBytes(1024) as typeof many })
    const [entry] = long.procedureEntries.values()
    expect(new TextEncoder().encode(entry?.wireName)).toHaveLength(1024)
    const code = `A${'_A'.repeat(31)}B`
    const named = contract('c'.repeat(64), {
      version: Number.MAX_SAFE_INTEGER,
      procedures: { a: withError(code) },
      events: { ['e'.repeat(64)]: event(z.string()) },
    })
    expect([named.name.length, code.length, [...named.eventEntries.keys()][0]?.length]).toEqual([64, 64, 64])
  })
})

describe('contract()', () => {
  const files = { put: procedure({ input: bytes() }), old: { get: procedure({ items: z.string() }) } }
  const chat = contract('chat', {
    version: 3,
    procedures: { join: anything, files },
    events: { line: event(z.string(), { topic: z.object({ room: z.string() }) }), notice: event(z.string()) },
  })

  test('flattens groups into paths and full names', () => {
    const rows = [...chat.procedureEntries.values()].map((entry) => [
      entry.path,
      entry.fullName,
      entry.callKind,
    ])
    expect(rows).toEqual([
      ['join', 'chat/join', 'unary'],
      ['files.put', 'chat/files.put', 'unary'],
      ['files.old.get', 'chat/files.old.get', 'server-stream'],
    ])
  })

  test('announces its name, version and one fingerprint per procedure', () => {
    expect(chat.announcement).toMatchObject({ name: 'chat', version: 3 })
    expect(Object.keys(chat.announcement.fingerprints)).toEqual(['join', 'files.put', 'files.old.get'])
  })

  test('copies groups, so later changes of the object have no effect', () => {
    expect(chat.procedures.files).not.toBe(files)
    expect(chat.procedures.files.put).toBe(files.put)
    expect(Object.isFrozen(chat.procedures.files)).toBe(true)
  })

  test('gives equal topics equal keys, whatever the order of members', () => {
    expect(topicKey(chat.events.line, { room: 'a', x: undefined, n: 1 })).toBe('{"n":1,"room":"a"}')
    expect(topicKey(chat.events.line, { n: 1, room: 'a' })).toBe('{"n":1,"room":"a"}')
    expect(topicKey(chat.events.notice, undefined)).toBe('')
  })

  const roomOfKeyLength = (bytesInKey: number) => ({ room: 'a'.repeat(bytesInKey - '{"room":""}'.length) })
  test.each([
    ['a class instance', () => topicKey(chat.events.line, { room: new Date(0) }), /instance of Date/],
    ['a bigint', () => topicKey(chat.events.line, { room: 1n }), /bigint/],
    ['NaN', () => topicKey(chat.events.line, { room: Number.NaN }), /NaN/],
    [
      'an array with a hole',
      () => topicKey(chat.events.line, { room: new Array(1) }),
      /undefined is not plain JSON/,
    ],
    [
      'undefined in an array',
      () => topicKey(chat.events.line, { room: [undefined] }),
      /undefined is not plain JSON/,
    ],
    ['a key __proto__', () => topicKey(chat.events.line, JSON.parse('{"__proto__":1}')), /__proto__/],
    ['no topic', () => topicKey(chat.events.line, undefined), /none was given/],
    ['given for an event without topics', () => topicKey(chat.events.notice, {}), /leave it out/],
    ['one byte too long', () => topicKey(chat.events.line, roomOfKeyLength(4097)), /4097 bytes/],
    ['far too long', () => topicKey(chat.events.line, roomOfKeyLength(1e6)), /bytes/],
  ])('refuses a topic that is %s', (_, run, text) => {
    const error = refusal(run)
    expect(error.code).toBe('INVALID_TOPIC')
    expect(error.message).toMatch(text)
  })

  test('accepts a topic of exactly the largest length', () => {
    expect(topicKey(chat.events.line, roomOfKeyLength(4096))).toHaveLength(4096)
  })
})

function withError(code: string): Procedure {
  return { ...(anything as Procedure), errors: { [code]: z.string() } }
}

function pathOf(name: string, levels: number): object {
  return levels === 0 ? { [name]: anything } : { [name]: pathOf(name, levels - 1) }
}

/** A procedure of the contract chat, version 1, whose name on the wire has `bytes` bytes. */
function pathOfBytes(bytes: number): object {
  const name = '語'.repeat(64)
  const level = 3 * 64 + '.'.length
  const last = 'a'.repeat(bytes - 'chat@1/'.length - 5 * level)
  return [1, 2, 3, 4, 5].reduce<object>((group) => ({ [name]: group }), { [last]: anything })
}

describe('a contract with declarations of one kind', () => {
  const line = event(z.string())

  test.each([undefined, {}])('has only events when its procedures are %j', (procedures) => {
    const news = contract('news', { version: 1, procedures, events: { line } })
    expect([[...news.procedureEntries], [...news.eventEntries.keys()], news.procedures]).toEqual([
      [],
      ['line'],
      {},
    ])
    expect(Object.isFrozen(news.procedures)).toBe(true)
    const same = contract('news', { version: 1, events: { line } })
    expect(same.announcement.hash).toEqual(news.announcement.hash)
  })

  test('has only client procedures', () => {
    const asked = contract('asked', { version: 1, clientProcedures: { ask: procedure({}) } })
    expect([asked.procedureEntries.size, [...asked.clientProcedureEntries.keys()]]).toEqual([0, ['ask']])
  })

  test.each([[{}], [{ procedures: {}, events: {}, clientProcedures: {} }]])(
    'is refused when it is empty: %j',
    (members) => {
      expect(() => contract('empty', { version: 1, ...members })).toThrow(
        expect.objectContaining({
          code: 'INVALID_CONTRACT',
          message: 'Contract empty has no procedures and no events: declare at least one.',
        }),
      )
    },
  )
})
