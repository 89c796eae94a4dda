import { clientCompilerFinds } from './compile-time-clients.ts'
import type { CompilerFinds } from './wrong-use.ts'

const ofHandlers: readonly CompilerFinds[] = [
  {
    what: 'a handler is missing',
    wrote: 'impl.handlers({ price: () => 3, stock: handlers.stock })',
    code: 2345,
    says: "Property 'ping' is missing in type",
    cure: 'Write a handler for each procedure of the contract.',
  },
  {
    what: 'a handler is misspelled',
    wrote: 'impl.handlers({ prize: () => 3, ping: handlers.ping, stock: handlers.stock })',
    code: 2561,
    says: "Did you mean to write 'price'?",
    cure: 'Take the name of the contract.',
  },
  {
    what: 'a handler of no procedure',
    wrote: 'impl.handlers({ ...handlers, chat: () => undefined })',
    code: 2353,
    says: "'chat' does not exist in type",
    cure: 'Leave it out, or add a procedure to the contract.',
  },
  {
    what: 'an output of a wrong type',
    wrote: "impl.handlers({ ...handlers, price: () => 'three' })",
    code: 2322,
    says: "Type 'string' is not assignable to type 'number | Promise<number>'",
    cure: 'Return what `output` of the procedure says.',
  },
  {
    what: 'a promise of a wrong output',
    wrote: "impl.handlers({ ...handlers, price: async () => 'three' })",
    code: 2322,
    says: "Type 'Promise<string>' is not assignable to type 'Promise<number>'",
    cure: 'Return what `output` of the procedure says.',
  },
  {
    what: 'a handler without a return',
    wrote: 'impl.handlers({ ...handlers, price: () => {} })',
    code: 2322,
    says: "Type 'void' is not assignable to type 'number | Promise<number>'",
    cure: 'Return the output.',
  },
  {
    what: 'an item of a wrong type',
    wrote: "impl.handlers({ ...handlers, async *stock() { yield 'one' } })",
    code: 2322,
    says: "Type 'IteratorYieldResult<string>' is not assignable to type 'IteratorYieldResult<number>'",
    cure: 'Yield what `items` of the procedure says.',
  },
  {
    what: 'a generator for a procedure with one answer',
    wrote: 'impl.handlers({ ...handlers, async *price() { yield 3 } })',
    code: 2322,
    says: "Type 'AsyncGenerator<number, void, unknown>' is not assignable to type 'number | Promise<number>'",
    cure: 'Return the answer, or declare `items` in the place of `output`.',
  },
  {
    what: 'one answer for a stream',
    wrote: 'impl.handlers({ ...handlers, stock: () => 1 })',
    code: 2322,
    says: "Type 'number' is not assignable to type 'ItemsSource<number>",
    cure: 'Write `async *stock() { yield 1 }`, or declare `output` in the place of `items`.',
  },
  {
    what: 'an error that was not declared',
    wrote: 'impl.handlers({ ...handlers, price: ({ errors }) => { throw errors.GONE({}) } })',
    code: 2339,
    says: "Property 'GONE' does not exist on type 'ErrorConstructors",
    cure: 'Declare it in `errors` of the procedure.',
  },
  {
    what: 'data of an error with a wrong type',
    wrote: 'impl.handlers({ ...handlers, price: ({ errors }) => { throw errors.SOLD_OUT({ until: 5 }) } })',
    code: 2322,
    says: "Type 'number' is not assignable to type 'string'",
    cure: 'Give the data that the contract declares for the error.',
  },
  {
    what: 'data of an error left out',
    wrote: 'impl.handlers({ ...handlers, price: ({ errors }) => { throw errors.SOLD_OUT() } })',
    code: 2554,
    says: 'Expected 1-2 arguments, but got 0',
    cure: 'Give the data that the contract declares for the error.',
  },
  {
    what: '$context forgotten',
    wrote: 'impl.handlers({ ...handlers, ping: ({ context }) => context.user })',
    code: 2339,
    says: "Property 'user' does not exist on type 'DeclareTheContextWith$context'",
    cure: 'Declare it: `implement(shop).$context<{ user: string }>()`.',
  },
  {
    what: 'a middleware that does not return next()',
    wrote: 'impl.use(({ next }) => { next() })',
    code: 2345,
    says: "Type 'void' is not assignable to type 'Promise<MiddlewareResult<object>>'",
    cure: 'Write `return next()`.',
  },
]

const ofServers: readonly CompilerFinds[] = [
  {
    what: 'the context left out of createServer',
    wrote: 'createServer(impl.$context<{ user: string }>().handlers(handlers))',
    code: 2345,
    says: 'Give { context } to createServer: the handlers were declared with $context',
    cure: "Give it: `createServer(handlers, { context: () => ({ user: 'ada' }) })`.",
  },
  {
    what: 'a context of a wrong type',
    wrote:
      'createServer(impl.$context<{ user: string }>().handlers(handlers), { context: () => ({ user: 5 }) })',
    code: 2322,
    says: "Type 'number' is not assignable to type 'string'",
    cure: 'Make what `$context` declares.',
  },
  {
    what: 'authorizeSubscribe left out though clients subscribe',
    wrote: 'createServer(implement(bells).handlers({ ring: () => undefined }))',
    code: 2345,
    says: 'Give { authorizeSubscribe } to createServer',
    cure: 'Give it: it says who may subscribe to what.',
  },
  {
    what: 'a contract in the place of an implementation',
    wrote: 'createServer(shop)',
    code: 2769,
    says: 'missing the following properties from type',
    cure: 'Give `implement(shop).handlers({ … })`.',
  },
  {
    what: 'an option with a wrong name',
    wrote: 'createServer(impl.handlers(handlers), { onConection() {} })',
    code: 2561,
    says: "Did you mean to write 'onConnection'?",
    cure: 'Take the name that the text proposes.',
  },
  {
    what: 'a published payload of a wrong type',
    wrote: "client.$server.publish(shop.events.changed, { name: 'tea' }, 'three')",
    code: 2345,
    says: "Argument of type 'string' is not assignable to parameter of type 'number'",
    cure: 'Publish what the contract declares for the event.',
  },
  {
    what: 'the name of an event in the place of the event',
    wrote: "client.$server.publish('closing', 'now')",
    code: 2345,
    says: "Argument of type 'string' is not assignable to parameter of type 'ContractEvent",
    cure: 'Give the event: `shop.events.closing`.',
  },
]

const ofContracts: readonly CompilerFinds[] = [
  {
    what: 'both output and items',
    wrote: 'procedure({ output: z.number(), items: z.number() })',
    code: 2322,
    says: "Type 'ZodNumber' is not assignable to type 'undefined'",
    cure: 'A procedure answers once (`output`) or is a stream (`items`): keep one.',
  },
  {
    what: 'an output of a call without an answer',
    wrote: 'procedure({ output: z.number(), oneWay: true })',
    code: 2322,
    says: "Type 'true' is not assignable to type 'false'",
    cure: 'Leave out one of them, as for `items` and `upload`.',
  },
  {
    what: 'a contract without a version',
    wrote: "contract('bare', { procedures: { ping: procedure({}) } })",
    code: 2345,
    says: "Property 'version' is missing",
    cure: 'Begin with `version: 1`.',
  },
  {
    what: 'something else in the place of a schema',
    wrote: 'procedure({ input: String })',
    code: 2741,
    says: `Property ''~standard'' is missing in type 'StringConstructor' but required in type 'GiveAStandardSchema'`,
    cure: 'Give a schema of a Standard Schema library: `z.string()`.',
  },
]

/** In the order of the document. */
export const compilerFinds: readonly CompilerFinds[] = [
  ...ofContracts,
  ...ofHandlers,
  ...ofServers,
  ...clientCompilerFinds,
]
