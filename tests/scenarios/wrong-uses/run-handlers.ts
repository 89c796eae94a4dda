import type { RunFinds } from './wrong-use.ts'

const ofHandlers: readonly RunFinds[] = [
  {
    what: 'a misspelled handler',
    wrote: 'impl.handlers({ ...handlers, pign: () => undefined })',
    error: 'ProtocolError',
    code: 'INVALID_CONTRACT',
    says: 'shop has no "pign": did you mean ping?',
    cure: 'Take a name of the contract.',
  },
  {
    what: 'a handler that is missing',
    wrote: 'impl.handlers({ price: handlers.price, stock: handlers.stock })',
    error: 'ProtocolError',
    code: 'INVALID_CONTRACT',
    says: 'shop/ping has no handler: add `ping` to the handlers of shop',
    cure: 'Write a handler for each procedure of the contract.',
  },
  {
    what: 'a handler that is not a function',
    wrote: 'impl.handlers({ ...handlers, price: 3 })',
    error: 'ProtocolError',
    code: 'INVALID_CONTRACT',
    says: 'shop/price needs a function as its handler, not 3',
    cure: 'Write `price: () => 3`.',
  },
  {
    what: 'a part of another contract',
    wrote: "impl.handlers({ ...handlers, ping: implement(bells).at('ring').handler(() => undefined) })",
    error: 'ProtocolError',
    code: 'INVALID_CONTRACT',
    says: 'make it with at() of the same contract and the same name',
    cure: 'Make it with `at()` of this contract.',
  },
  {
    what: 'a middleware that is not a function',
    wrote: 'impl.use(3)',
    error: 'ProtocolError',
    code: 'INVALID_CONTRACT',
    says: 'use() of shop needs a function, not 3',
    cure: 'Give a function.',
  },
  {
    what: 'a handler without a return',
    wrote:
      "const broken = createTestClient(impl.handlers({ ...handlers, price: () => {} }))\nawait broken.price({ name: 'tea' })",
    error: 'RpcError',
    code: 'INTERNAL',
    says: "The handler failed. The server's log has the reason",
    because: 'the output of shop/price is not valid: Invalid input: expected number, received undefined',
    cure: 'Return the output.',
  },
  {
    what: 'a handler that returns another type',
    wrote:
      "const broken = createTestClient(impl.handlers({ ...handlers, price: () => 'three' }))\nawait broken.price({ name: 'tea' })",
    error: 'RpcError',
    code: 'INTERNAL',
    says: "The handler failed. The server's log has the reason",
    because: 'expected number, received string',
    cure: 'Return what `output` of the procedure says.',
  },
  {
    what: 'a handler that returns NaN',
    wrote:
      "const broken = createTestClient(impl.handlers({ ...handlers, price: () => NaN }))\nawait broken.price({ name: 'tea' })",
    error: 'RpcError',
    code: 'INTERNAL',
    says: "The handler failed. The server's log has the reason",
    because: 'expected number, received NaN',
    cure: 'Return a number, or declare that there may be none.',
  },
  {
    what: 'an error that is returned and not thrown',
    wrote:
      "const broken = createTestClient(impl.handlers({ ...handlers, price: ({ errors }) => errors.SOLD_OUT({ until: 'noon' }) }))\nawait broken.price({ name: 'tea' })",
    error: 'RpcError',
    code: 'INTERNAL',
    says: "The handler failed. The server's log has the reason",
    because: 'expected number, received RpcError',
    cure: 'Throw it.',
  },
  {
    what: 'an error code that the procedure does not declare',
    wrote:
      "const broken = createTestClient(impl.handlers({ ...handlers, price: () => { throw new RpcError('GONE', 'gone') } }))\nawait broken.price({ name: 'tea' })",
    error: 'RpcError',
    code: 'INTERNAL',
    says: "The handler failed. The server's log has the reason",
    because:
      'it threw an RpcError with the code "GONE", which shop/price does not declare (declare it in `errors`, or use a standard code)',
    cure: 'Declare it in `errors` of the procedure, or take a standard code.',
  },
  {
    what: 'a text in the place of an error code',
    wrote:
      "const broken = createTestClient(impl.handlers({ ...handlers, price: () => { throw new RpcError('gone') } }))\nawait broken.price({ name: 'tea' })",
    error: 'RpcError',
    code: 'INTERNAL',
    says: "The handler failed. The server's log has the reason",
    because: 'the message of an RpcError is undefined, not a string: give the code first, then the message',
    cure: "Give the code first: `new RpcError('NOT_FOUND', 'gone')`.",
  },
  {
    what: 'text and code of an error in the wrong order',
    wrote:
      "const broken = createTestClient(impl.handlers({ ...handlers, price: () => { throw new RpcError('the tea is gone', 'NOT_FOUND') } }))\nawait broken.price({ name: 'tea' })",
    error: 'RpcError',
    code: 'INTERNAL',
    says: "The handler failed. The server's log has the reason",
    because: 'it threw an RpcError with the code "the tea is gone", which shop/price does not declare',
    cure: 'Give the code first.',
  },
  {
    what: 'data of an error with a wrong type',
    wrote:
      "const broken = createTestClient(impl.handlers({ ...handlers, price: ({ errors }) => { throw errors.SOLD_OUT({ until: 5 }) } }))\nawait broken.price({ name: 'tea' })",
    error: 'RpcError',
    code: 'INTERNAL',
    says: "The handler failed. The server's log has the reason",
    because: 'the data of failure SOLD_OUT of shop/price is not valid at until',
    cure: 'Give the data that the contract declares for the error.',
  },
  {
    what: 'a text that is thrown',
    wrote:
      "const broken = createTestClient(impl.handlers({ ...handlers, price: () => { throw 'no tea' } }))\nawait broken.price({ name: 'tea' })",
    error: 'RpcError',
    code: 'INTERNAL',
    says: "The handler failed. The server's log has the reason",
    because: 'no tea',
    cure: 'Throw an error of the contract: only that is told to clients.',
  },
  {
    what: 'an Error that is thrown',
    wrote:
      "const broken = createTestClient(impl.handlers({ ...handlers, price: () => { throw new Error('no tea') } }))\nawait broken.price({ name: 'tea' })",
    error: 'RpcError',
    code: 'INTERNAL',
    says: "The handler failed. The server's log has the reason",
    because: 'no tea',
    cure: 'Throw an error of the contract: only that is told to clients.',
  },
  {
    what: 'an item of a wrong type',
    wrote:
      "const server = createServer(impl.handlers({ ...handlers, stock: async function* () { yield 'one' } }))\nconst { url } = await server.listen('tcp://127.0.0.1:0')\nfor await (const item of createClient(shop, url).stock({ name: 'tea' })) Math.abs(item)",
    error: 'RpcError',
    code: 'INTERNAL',
    says: "The handler failed. The server's log has the reason",
    because: 'an item of shop/stock is not valid',
    cure: 'Yield what `items` of the procedure says.',
  },
  {
    what: 'an event that is subscribed to by its name',
    wrote:
      "const broken = createTestClient(impl.handlers({ ...handlers, ping: ({ connection }) => connection.subscribe('changed', { name: 'tea' }) }))\nawait broken.ping()",
    error: 'RpcError',
    code: 'INTERNAL',
    says: "The handler failed. The server's log has the reason",
    because: '"changed": The event belongs to no contract',
    cure: 'Give the event: `shop.events.changed`.',
  },
  {
    what: 'a stream handler that returns no items',
    wrote:
      "const broken = createTestClient(impl.handlers({ ...handlers, stock: () => 1 }))\nfor await (const item of broken.stock({ name: 'tea' })) Math.abs(item)",
    error: 'RpcError',
    code: 'INTERNAL',
    says: 'the handler of shop/stock did not return an AsyncIterable: its procedure declares `items`, so write `async *` and yield them',
    cure: 'Write `async *stock() { yield 1 }`.',
  },
  {
    what: 'a generator as the handler of a procedure that gives nothing',
    wrote:
      'const broken = createTestClient(impl.handlers({ ...handlers, ping: async function* () { yield 1 } }))\nawait broken.ping()',
    error: 'RpcError',
    code: 'INTERNAL',
    says: 'the handler of shop/ping returned a generator, but its procedure declares no `items`: leave out the `*`',
    cure: 'Write `async ping() { … }`.',
  },
  {
    what: 'a middleware that does not return next()',
    wrote:
      'const broken = createTestClient(impl.use(async ({ next }) => { await next() }).handlers(handlers))\nawait broken.ping()',
    error: 'RpcError',
    code: 'INTERNAL',
    says: 'did not return what next() gave: write `return next()`',
    cure: 'Write `return next()`.',
  },
  {
    what: 'a subscription to a topic of a wrong type',
    wrote:
      'const broken = createTestClient(impl.handlers({ ...handlers, ping: ({ connection }) => connection.subscribe(shop.events.changed, { name: 5 }) }))\nawait broken.ping()',
    error: 'RpcError',
    code: 'INTERNAL',
    says: "The handler failed. The server's log has the reason",
    because:
      'the topic of shop/changed is not valid at name: Invalid input: expected string, received number',
    cure: 'Give the topic that the contract declares.',
  },
  {
    what: 'a middleware that calls next() twice',
    wrote:
      'const broken = createTestClient(impl.use(async ({ next }) => { await next(); return next() }).handlers(handlers))\nawait broken.ping()',
    error: 'RpcError',
    code: 'INTERNAL',
    says: 'a middleware of shop/ping called next() twice',
    cure: 'Call it once.',
  },
]

const ofJson: readonly RunFinds[] = [
  {
    what: 'an output that JSON cannot carry: a Date',
    wrote:
      "const clock = contract('clock', { version: 1, procedures: { last: procedure({ output: z.date() }) } })\nconst broken = createTestClient(implement(clock).handlers({ last: () => new Date(0) }))\nawait broken.last()",
    error: 'RpcError',
    code: 'INTERNAL',
    says: "The handler failed. The server's log has the reason",
    because: 'JSON cannot carry a Date (send its toISOString())',
    cure: 'Send `toISOString()`, and declare `z.iso.datetime()`.',
  },
  {
    what: 'an output that JSON cannot carry: a Map',
    wrote:
      "const clock = contract('clock', { version: 1, procedures: { last: procedure({ output: z.map(z.string(), z.number()) }) } })\nconst broken = createTestClient(implement(clock).handlers({ last: () => new Map() }))\nawait broken.last()",
    error: 'RpcError',
    code: 'INTERNAL',
    says: "The handler failed. The server's log has the reason",
    because: 'JSON cannot carry a Map (send its entries as an array)',
    cure: 'Send an array.',
  },
  {
    what: 'an output that JSON cannot carry: a bigint',
    wrote:
      "const clock = contract('clock', { version: 1, procedures: { last: procedure({ output: z.bigint() }) } })\nconst broken = createTestClient(implement(clock).handlers({ last: () => 5n }))\nawait broken.last()",
    error: 'RpcError',
    code: 'INTERNAL',
    says: "The handler failed. The server's log has the reason",
    because: 'JSON cannot carry a bigint (send it as a string)',
    cure: 'Send a string.',
  },
  {
    what: 'an output that JSON cannot carry: NaN',
    wrote:
      "const clock = contract('clock', { version: 1, procedures: { last: procedure({ output: z.nan() }) } })\nconst broken = createTestClient(implement(clock).handlers({ last: () => NaN }))\nawait broken.last()",
    error: 'RpcError',
    code: 'INTERNAL',
    says: "The handler failed. The server's log has the reason",
    because: 'JSON cannot carry NaN (send null, or leave it out)',
    cure: 'Send null.',
  },
  {
    what: 'an output that JSON cannot carry: bytes as a value',
    wrote:
      "const clock = contract('clock', { version: 1, procedures: { last: procedure({ output: z.instanceof(Uint8Array) }) } })\nconst broken = createTestClient(implement(clock).handlers({ last: () => new Uint8Array(1) }))\nawait broken.last()",
    error: 'RpcError',
    code: 'INTERNAL',
    says: "The handler failed. The server's log has the reason",
    because: 'JSON cannot carry bytes (declare the whole body as bytes()',
    cure: 'Declare `bytes()`.',
  },
  {
    what: 'an output that JSON cannot carry: a function',
    wrote:
      "const clock = contract('clock', { version: 1, procedures: { last: procedure({ output: z.any() }) } })\nconst broken = createTestClient(implement(clock).handlers({ last: () => () => 3 }))\nawait broken.last()",
    error: 'RpcError',
    code: 'INTERNAL',
    says: "The handler failed. The server's log has the reason",
    because: 'JSON cannot carry a function (leave it out)',
    cure: 'Leave it out.',
  },
  {
    what: 'an output that JSON cannot carry: undefined in an array',
    wrote:
      "const clock = contract('clock', { version: 1, procedures: { last: procedure({ output: z.array(z.any()) }) } })\nconst broken = createTestClient(implement(clock).handlers({ last: () => [undefined] }))\nawait broken.last()",
    error: 'RpcError',
    code: 'INTERNAL',
    says: "The handler failed. The server's log has the reason",
    because: 'JSON cannot carry undefined in an array at 0',
    cure: 'Send null.',
  },
  {
    what: 'an output that JSON cannot carry: a value that contains itself',
    wrote:
      "const clock = contract('clock', { version: 1, procedures: { last: procedure({ output: z.any() }) } })\nconst broken = createTestClient(implement(clock).handlers({ last: () => { const all = {}; all.all = all; return all } }))\nawait broken.last()",
    error: 'RpcError',
    code: 'INTERNAL',
    says: "The handler failed. The server's log has the reason",
    because: 'cycles never end',
    cure: 'Send what it refers to by a name.',
  },
  {
    what: 'an input that JSON cannot carry: a Date',
    wrote:
      "const clock = contract('clock', { version: 1, procedures: { since: procedure({ input: z.date() }) } })\nconst broken = createTestClient(implement(clock).handlers({ since: () => undefined }))\nawait broken.since(new Date(0))",
    error: 'RpcError',
    code: 'INVALID_ARGUMENT',
    says: 'JSON cannot carry a Date (send its toISOString())',
    cure: 'Send `toISOString()`, and declare `z.iso.datetime()`.',
  },
]

/** Wrong uses of handlers, and their results. */
export const handlerFinds: readonly RunFinds[] = [...ofHandlers, ...ofJson]
