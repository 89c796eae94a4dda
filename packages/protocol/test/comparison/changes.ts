import { z } from 'zod'
import { bytes, type Contract, contract, event, procedure, type Schema } from '../../src/index.ts'

export const nothing = procedure({})
export const withInput = (input: Schema) =>
  contract('c', { version: 1, procedures: { p: procedure({ input }) } })
export const withOutput = (output: Schema) =>
  contract('c', { version: 1, procedures: { p: procedure({ output }) } })
const withItems = (items: Schema) => contract('c', { version: 1, procedures: { p: procedure({ items }) } })
const withErrors = (errors: Record<string, Schema>) =>
  contract('c', { version: 1, procedures: { p: procedure({ errors }) } })
export const withEvent = (payload: Schema, options = {}) =>
  contract('c', { version: 1, procedures: { nothing }, events: { e: event(payload, options) } })

const name = z.object({ name: z.string() })
const dropped = 'is not known there, and dropped'
const required = 'is required there, and may be missing'

export type Change = readonly [change: string, before: Contract, after: Contract, told: readonly string[]]

/** The change, the contract before and after it, and its effects on old and new clients. */
export const changes: readonly Change[] = [
  ['nothing changed', withInput(name), withInput(z.object({ name: z.string() })), []],
  [
    'an optional member of an input added',
    withInput(name),
    withInput(name.extend({ nick: z.string().optional() })),
    [`new loses p input.nick: ${dropped}`],
  ],
  [
    'a member of an input with a default added',
    withInput(name),
    withInput(name.extend({ age: z.number().default(1) })),
    [`new loses p input.age: ${dropped}`],
  ],
  [
    'a required member of an input added',
    withInput(name),
    withInput(name.extend({ nick: z.string() })),
    [`old fails p input.nick: ${required}`, `new loses p input.nick: ${dropped}`],
  ],
  [
    'a member of an input removed',
    withInput(name.extend({ nick: z.string() })),
    withInput(name),
    [`old loses p input.nick: ${dropped}`, `new fails p input.nick: ${required}`],
  ],
  [
    'a member of an input renamed',
    withInput(name),
    withInput(z.object({ title: z.string() })),
    [
      `old fails p input.title: ${required}`,
      `old loses p input.name: ${dropped}`,
      `new fails p input.name: ${required}`,
      `new loses p input.title: ${dropped}`,
    ],
  ],
  [
    'an input narrowed',
    withInput(z.number()),
    withInput(z.number().min(1).max(5)),
    ['old fails p input: may be below minimum 1', 'old fails p input: may be above maximum 5'],
  ],
  [
    'an input widened',
    withInput(z.string().max(5)),
    withInput(z.string()),
    ['new fails p input: may be above maxLength 5'],
  ],
  [
    'an input of another type',
    withInput(z.string()),
    withInput(z.boolean()),
    [
      'old fails p input: is string, where boolean is taken',
      'new fails p input: is boolean, where string is taken',
    ],
  ],
  [
    'whole numbers become numbers',
    withInput(z.int()),
    withInput(z.number()),
    ['new fails p input: is number, where integer is taken'],
  ],
  [
    'an input becomes nullable',
    withInput(name),
    withInput(name.nullable()),
    ['new fails p input: is null, where object is taken'],
  ],
  [
    'an input that is strict about members',
    withInput(name),
    withInput(z.strictObject({ name: z.string(), nick: z.string().optional() })),
    [`new loses p input.nick: ${dropped}`],
  ],
  [
    'a member removed from a strict input',
    withInput(name),
    withInput(z.strictObject({})),
    ['old fails p input.name: is not known there, and refused', `new fails p input.name: ${required}`],
  ],
  [
    'a procedure that takes an input now',
    contract('c', { version: 1, procedures: { p: nothing } }),
    withInput(name),
    [
      'old fails p input: is nothing, where a value is taken',
      'new fails p input: is a value, where nothing is taken',
    ],
  ],
  [
    'bytes in place of a value',
    withInput(name),
    withInput(bytes()),
    [
      'old fails p input: is a value, where raw bytes is taken',
      'new fails p input: is raw bytes, where a value is taken',
    ],
  ],
  [
    'a member of an output added',
    withOutput(name),
    withOutput(name.extend({ age: z.number() })),
    [`old loses p output.age: ${dropped}`, `new fails p output.age: ${required}`],
  ],
  [
    'an optional member of an output added',
    withOutput(name),
    withOutput(name.extend({ age: z.number().optional() })),
    [`old loses p output.age: ${dropped}`],
  ],
  [
    'a member of an output removed',
    withOutput(name.extend({ age: z.number() })),
    withOutput(name),
    [`old fails p output.age: ${required}`, `new loses p output.age: ${dropped}`],
  ],
  [
    'a value of an enumeration added to an output',
    withOutput(z.enum(['a', 'b'])),
    withOutput(z.enum(['a', 'b', 'c'])),
    ['old fails p output: may be "c", which is not taken'],
  ],
  [
    'a value of an enumeration added to an input',
    withInput(z.enum(['a'])),
    withInput(z.enum(['a', 'b'])),
    ['new fails p input: may be "b", which is not taken'],
  ],
  [
    'an enumeration becomes open',
    withOutput(z.enum(['a', 'b'])),
    withOutput(z.string()),
    ['old fails p output: may be another value than "a", "b", which are all that is taken'],
  ],
  [
    'a member of a union added to items',
    withItems(z.discriminatedUnion('k', [z.object({ k: z.literal('a') })])),
    withItems(
      z.discriminatedUnion('k', [
        z.object({ k: z.literal('a') }),
        z.object({ k: z.literal('b'), v: z.number() }),
      ]),
    ),
    ['old fails p items.k: may be "b", which is not taken', `old loses p items.v: ${dropped}`],
  ],
  [
    'a format that is asked for',
    withInput(z.string()),
    withInput(z.iso.datetime()),
    ['old fails p input: need not have the format date-time'],
  ],
  [
    'an array whose elements change',
    withOutput(z.array(name)),
    withOutput(z.array(name.extend({ age: z.number() }))),
    [`old loses p output.[].age: ${dropped}`, `new fails p output.[].age: ${required}`],
  ],
  [
    'a longer tuple',
    withInput(z.tuple([z.string()])),
    withInput(z.tuple([z.string(), z.number()])),
    [
      'old fails p input: may be below minItems 2',
      'new fails p input: may be above maxItems 1',
      'new fails p input.[1]: is not taken',
    ],
  ],
  [
    'values of a record',
    withOutput(z.record(z.string(), z.number())),
    withOutput(z.record(z.string(), z.string())),
    [
      'old fails p output.[]: is string, where number is taken',
      'new fails p output.[]: is number, where string is taken',
    ],
  ],
  [
    'a record becomes an object',
    withInput(z.record(z.string(), z.string())),
    withInput(z.object({ a: z.number().optional() })),
    [
      'old fails p input.a: is string, where number is taken',
      'old loses p input.[]: are dropped there',
      'new fails p input.a: is number, where string is taken',
    ],
  ],
  [
    'an error added',
    withErrors({}),
    withErrors({ GONE: name }),
    ['old loses p errors.GONE: is not declared there: it arrives as UNKNOWN'],
  ],
  [
    'an error removed',
    withErrors({ GONE: name }),
    withErrors({}),
    ['new loses p errors.GONE: is not declared there: it arrives as UNKNOWN'],
  ],
  [
    'the data of an error changed',
    withErrors({ GONE: name }),
    withErrors({ GONE: z.string() }),
    [
      'old fails p errors.GONE: is string, where object is taken',
      'new fails p errors.GONE: is object, where string is taken',
    ],
  ],
  [
    'an event added',
    contract('c', { version: 1, procedures: { nothing } }),
    withEvent(name),
    ['new loses e: is not there, and never comes'],
  ],
  [
    'an event that clients subscribe to removed',
    withEvent(name, { subscribe: 'clients' }),
    contract('c', { version: 1, procedures: { nothing } }),
    ['old fails e: is not there, and a subscription is refused'],
  ],
  [
    'an event that clients may subscribe to now',
    withEvent(name),
    withEvent(name, { subscribe: 'clients' }),
    [
      'old loses e: waits for clients to subscribe, and this one does not',
      'new fails e: is subscribed to by clients, and the server refuses that',
    ],
  ],
  [
    'a payload changed',
    withEvent(name),
    withEvent(name.extend({ age: z.number() })),
    [`old loses e payload.age: ${dropped}`, `new fails e payload.age: ${required}`],
  ],
  [
    'a topic that is asked for',
    withEvent(name),
    withEvent(name, { topic: z.object({ room: z.string() }) }),
    [
      'old fails e topic: is nothing, where a value is taken',
      'new fails e topic: is a value, where nothing is taken',
    ],
  ],
  [
    'a procedure added',
    contract('c', { version: 1, procedures: { nothing } }),
    contract('c', { version: 1, procedures: { nothing, p: nothing } }),
    ['new fails p: is not there'],
  ],
  [
    'a kind of call changed',
    withOutput(name),
    withItems(name),
    [
      'old fails p: is called as unary, and answers as server-stream',
      'new fails p: is called as server-stream, and answers as unary',
    ],
  ],
  [
    'the version raised',
    contract('c', { version: 1, procedures: { p: nothing } }),
    contract('c', { version: 2, procedures: { p: nothing } }),
    [
      'old fails : is version 1, and the server serves version 2: serve both until no old client is left',
      'new fails : is version 2, and the server serves version 1: serve both until no old client is left',
    ],
  ],
]
