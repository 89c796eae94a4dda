import { event, procedure } from '@frameport/protocol'
import { z } from 'zod'
import type { Change, Meeting, State } from './change.ts'

const passes = (handlerGot?: unknown, clientGot?: unknown): Meeting => ({
  outcome: 'passes',
  handlerGot,
  clientGot,
})
const loses = (handlerGot?: unknown, clientGot?: unknown): Meeting => ({
  outcome: 'loses',
  handlerGot,
  clientGot,
})
const fails = (code: string): Meeting => ({ outcome: 'fails', code })

const User = z.object({ name: z.string() })
const ada = { name: 'Ada' }
const takes = (input: z.ZodType, give: unknown): State => ({ p: procedure({ input }), give })
const sends = (upload: z.ZodType, give: unknown): State => ({ p: procedure({ upload }), give })
const gives = (output: z.ZodType, answer: unknown): State => ({ p: procedure({ output }), answer })
const nothing: State = {}

/** Changes of inputs, which the client sends to the server. */
const ofInputs: readonly Change[] = [
  {
    change: 'input: optional member added',
    before: takes(User, ada),
    after: takes(User.extend({ nick: z.string().optional() }), { name: 'Ada', nick: 'A' }),
    oldClient: passes(ada),
    newClient: loses(ada),
    advice: 'An old server drops the member. Deploy servers first.',
  },
  {
    change: 'input: member with a default added',
    before: takes(User, ada),
    after: takes(User.extend({ age: z.number().default(0) }), { name: 'Ada', age: 36 }),
    oldClient: passes({ name: 'Ada', age: 0 }),
    newClient: loses(ada),
    advice: 'Handlers get the default for old clients. Use this to add a member that handlers need.',
  },
  {
    change: 'input: required member added',
    before: takes(User, ada),
    after: takes(User.extend({ nick: z.string() }), { name: 'Ada', nick: 'A' }),
    oldClient: fails('INVALID_ARGUMENT'),
    newClient: loses(ada),
    advice: 'Give it a default, or raise the version.',
  },
  {
    change: 'input: required member removed',
    before: takes(User.extend({ nick: z.string() }), { name: 'Ada', nick: 'A' }),
    after: takes(User, ada),
    oldClient: loses(ada),
    newClient: fails('INVALID_ARGUMENT'),
    advice: 'First make it optional and deploy all servers, then remove it.',
  },
  {
    change: 'input: member renamed',
    before: takes(User, ada),
    after: takes(z.object({ title: z.string() }), { title: 'Ada' }),
    oldClient: fails('INVALID_ARGUMENT'),
    newClient: fails('INVALID_ARGUMENT'),
    advice: 'Accept both names for a while, each optional, or raise the version.',
  },
  {
    change: 'input: narrowed (a bound, a format)',
    before: takes(z.string(), 'a long name'),
    after: takes(z.string().max(5), 'short'),
    oldClient: fails('INVALID_ARGUMENT'),
    newClient: passes('short'),
    advice: 'Do this only if no client sends the excluded values, or raise the version.',
  },
  {
    change: 'input: widened',
    before: takes(z.string().max(5), 'short'),
    after: takes(z.string(), 'a long name'),
    oldClient: passes('short'),
    newClient: fails('INVALID_ARGUMENT'),
    advice: 'Deploy servers first.',
  },
  {
    change: 'input: value of an enumeration added',
    before: takes(z.enum(['a', 'b']), 'b'),
    after: takes(z.enum(['a', 'b', 'c']), 'c'),
    oldClient: passes('b'),
    newClient: fails('INVALID_ARGUMENT'),
    advice: 'Deploy servers first.',
  },
  {
    change: 'input: a strict object gets a member',
    before: takes(z.strictObject({ name: z.string() }), ada),
    after: takes(z.strictObject({ name: z.string(), nick: z.string().optional() }), {
      name: 'Ada',
      nick: 'A',
    }),
    oldClient: passes(ada),
    newClient: fails('INVALID_ARGUMENT'),
    advice: 'Strict objects refuse added members. Do not use them in contracts.',
  },
]

/** Changes of uploads, which also go from the client to the server. */
const ofUploads: readonly Change[] = [
  {
    change: 'upload: optional member added',
    before: sends(User, ada),
    after: sends(User.extend({ nick: z.string().optional() }), { name: 'Ada', nick: 'A' }),
    oldClient: passes(ada),
    newClient: loses(ada),
    advice: 'As for an input, an old server drops the member.',
  },
  {
    change: 'upload: required member added',
    before: sends(User, ada),
    after: sends(User.extend({ nick: z.string() }), { name: 'Ada', nick: 'A' }),
    oldClient: fails('INVALID_ARGUMENT'),
    newClient: loses(ada),
    advice: 'Give it a default, or raise the version.',
  },
  {
    change: 'upload: required member removed',
    before: sends(User.extend({ nick: z.string() }), { name: 'Ada', nick: 'A' }),
    after: sends(User, ada),
    oldClient: loses(ada),
    newClient: fails('INVALID_ARGUMENT'),
    advice: 'First make it optional and deploy servers.',
  },
  {
    change: 'upload added',
    before: { p: procedure({}) },
    after: sends(User, ada),
    oldClient: fails('UNIMPLEMENTED'),
    newClient: fails('UNIMPLEMENTED'),
    advice: 'This is another kind of call. Use another name, or raise the version.',
  },
]

/** Changes of outputs and of everything else that goes from the server to the client. */
const ofOutputs: readonly Change[] = [
  {
    change: 'output: member added',
    before: gives(User, ada),
    after: gives(User.extend({ age: z.number() }), { name: 'Ada', age: 36 }),
    oldClient: loses(undefined, ada),
    newClient: fails('INTERNAL'),
    advice:
      'Old clients do not need the member. New clients fail at an old server: make it optional, or deploy servers first.',
  },
  {
    change: 'output: optional member added',
    before: gives(User, ada),
    after: gives(User.extend({ age: z.number().optional() }), { name: 'Ada', age: 36 }),
    oldClient: loses(undefined, ada),
    newClient: passes(undefined, ada),
    advice: 'Safe in any order.',
  },
  {
    change: 'output: member removed',
    before: gives(User.extend({ age: z.number() }), { name: 'Ada', age: 36 }),
    after: gives(User, ada),
    oldClient: fails('INTERNAL'),
    newClient: loses(undefined, ada),
    advice: 'First make it optional and wait until all clients are updated, or raise the version.',
  },
  {
    change: 'output: member renamed',
    before: gives(User, ada),
    after: gives(z.object({ title: z.string() }), { title: 'Ada' }),
    oldClient: fails('INTERNAL'),
    newClient: fails('INTERNAL'),
    advice: 'Send both for a while, or raise the version.',
  },
  {
    change: 'output: narrowed',
    before: gives(z.string(), 'a long name'),
    after: gives(z.string().max(5), 'short'),
    oldClient: passes(undefined, 'short'),
    newClient: fails('INTERNAL'),
    advice: 'Deploy servers first.',
  },
  {
    change: 'output: widened',
    before: gives(z.string().max(5), 'short'),
    after: gives(z.string(), 'a long name'),
    oldClient: fails('INTERNAL'),
    newClient: passes(undefined, 'short'),
    advice: 'Deploy clients first, or raise the version.',
  },
  {
    change: 'output: value of an enumeration added',
    before: gives(z.enum(['a', 'b']), 'b'),
    after: gives(z.enum(['a', 'b', 'c']), 'c'),
    oldClient: fails('INTERNAL'),
    newClient: passes(undefined, 'b'),
    advice:
      'The handler has run nevertheless. Let clients accept unknown values: `z.enum([…]).catch("other")`.',
  },
  {
    change: 'output: member of a union added',
    before: gives(z.discriminatedUnion('kind', [z.object({ kind: z.literal('text') })]), { kind: 'text' }),
    after: gives(
      z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('text') }),
        z.object({ kind: z.literal('image') }),
      ]),
      { kind: 'image' },
    ),
    oldClient: fails('INTERNAL'),
    newClient: passes(undefined, { kind: 'text' }),
    advice:
      'As for an enumeration, let clients accept unknown values: end the union with `z.object({ kind: z.string() })`.',
  },
  {
    change: 'error added',
    before: { p: procedure({ errors: {} }) },
    after: { p: procedure({ errors: { GONE: User } }), fail: ['GONE', ada] },
    oldClient: { outcome: 'loses', code: 'UNKNOWN' },
    newClient: passes(),
    advice: 'Old clients get UNKNOWN, with the code in the text. Handle `UNKNOWN` in every client.',
  },
  {
    change: 'error removed',
    before: { p: procedure({ errors: { GONE: User } }), fail: ['GONE', ada] },
    after: { p: procedure({ errors: {} }) },
    oldClient: passes(),
    newClient: { outcome: 'loses', code: 'UNKNOWN' },
    advice: 'Remove it when no server throws it any more.',
  },
]

/** Changes of the members of the contract. */
const ofMembers: readonly Change[] = [
  {
    change: 'procedure added',
    before: nothing,
    after: { p: procedure({}) },
    oldClient: passes(),
    newClient: fails('UNIMPLEMENTED'),
    advice: 'Deploy servers first.',
  },
  {
    change: 'procedure removed',
    before: { p: procedure({}) },
    after: nothing,
    oldClient: fails('UNIMPLEMENTED'),
    newClient: passes(),
    advice: 'Remove it when no client calls it any more.',
  },
  {
    change: 'kind of call changed (unary, stream)',
    before: gives(User, ada),
    after: { p: procedure({ items: User }) },
    oldClient: fails('UNIMPLEMENTED'),
    newClient: fails('UNIMPLEMENTED'),
    advice: 'Use another name, or raise the version.',
  },
  {
    change: 'event added',
    before: nothing,
    after: { e: event(User) },
    oldClient: passes(),
    newClient: loses(),
    advice: 'A new client can listen, but an old server never sends the event.',
  },
  {
    change: 'event that clients subscribe to added',
    before: nothing,
    after: { e: event(User, { subscribe: 'clients' }) },
    oldClient: passes(),
    newClient: fails('UNIMPLEMENTED'),
    advice: 'Deploy servers first.',
  },
  {
    change: 'event: clients subscribe to it now',
    before: { e: event(User), answer: ada },
    after: { e: event(User, { subscribe: 'clients' }), answer: ada },
    oldClient: loses(),
    newClient: fails('UNIMPLEMENTED'),
    advice: 'Deploy servers first, and let their handlers subscribe until no old client is left.',
  },
  {
    change: 'event: clients subscribe to it no more',
    before: { e: event(User, { subscribe: 'clients' }), answer: ada },
    after: { e: event(User), answer: ada },
    oldClient: fails('UNIMPLEMENTED'),
    newClient: loses(),
    advice: 'Let handlers subscribe first; change it when no old client is left, or give it another name.',
  },
  {
    change: 'event: member of the payload added',
    before: { e: event(User), answer: ada },
    after: { e: event(User.extend({ age: z.number() })), answer: { name: 'Ada', age: 36 } },
    oldClient: loses(undefined, ada),
    newClient: fails('INTERNAL'),
    advice: 'As for an output. A client reports events that do not match its schema to `onInvalidEvent`.',
  },
]

export const changes: readonly Change[] = [...ofInputs, ...ofUploads, ...ofOutputs, ...ofMembers]
