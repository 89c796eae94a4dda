import type { RunFinds } from './wrong-use.ts'

/** A server that calls its client, which has no handlers. */
const asking = `const server = createServer(implement(desk).handlers({ sit: () => undefined }))
const { a, b } = createMemoryPair()
const connection = server.accept(b)
await createClient(desk, a).sit()
`

/** Wrong uses of clients that answer their server, and of servers that call clients. */
export const callToClientFinds: readonly RunFinds[] = [
  {
    what: 'a client that lacks a handler',
    wrote: 'createClient(desk, createMemoryPair().a, { handlers: {} })',
    error: 'ProtocolError',
    code: 'INVALID_CONTRACT',
    says: 'desk/ask has no handler: add `ask` to the handlers of desk',
    cure: 'Give one for each of `clientProcedures`.',
  },
  {
    what: 'a handler of a client with a wrong name',
    wrote: 'createClient(desk, createMemoryPair().a, { handlers: { ask: () => true, aks: () => true } })',
    error: 'ProtocolError',
    code: 'INVALID_CONTRACT',
    says: 'desk has no "aks": there is ask',
    cure: 'Take the name of the contract.',
  },
  {
    what: 'handlers of a server given to a client',
    wrote:
      'createClient(desk, createMemoryPair().a, { handlers: { ask: () => true, sit: () => undefined } })',
    error: 'ProtocolError',
    code: 'INVALID_CONTRACT',
    says: 'desk has no "sit"',
    cure: '`procedures` are for `implement`, `clientProcedures` for clients.',
  },
  {
    what: 'one middleware without an array',
    wrote:
      'createClient(desk, createMemoryPair().a, { handlers: { ask: () => true }, middlewares: ({ next }) => next() })',
    error: 'ClientError',
    code: 'INVALID_OPTION',
    says: 'middlewares is a function, not an array of functions',
    cure: 'Put it into an array.',
  },
  {
    what: 'a question to a client without handlers',
    wrote: `${asking}await connection.client(desk).ask('tea?')`,
    error: 'RpcError',
    code: 'UNIMPLEMENTED',
    says: 'the client does not answer calls of desk in version 1. It was created without handlers',
    cure: 'Give the client `handlers`, or expect the code.',
  },
  {
    what: 'a question by a contract that the server does not implement',
    wrote: `${asking}connection.client(contract('other', { version: 1, procedures: { a: procedure({}) } }))`,
    error: 'ServerError',
    code: 'UNKNOWN_CONTRACT',
    says: 'other',
    cure: 'Give the contract of an implementation of this server.',
  },
  {
    what: 'a deadline of clients that is a text',
    wrote:
      "createServer(implement(desk).handlers({ sit: () => undefined }), { clientCalls: { defaultDeadlineMs: '500' } })",
    error: 'ServerError',
    code: 'INVALID_OPTION',
    says: 'clientCalls.defaultDeadlineMs is "500", not a number of milliseconds over 0',
    cure: 'Give a number.',
  },
]
