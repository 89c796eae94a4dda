/** What somebody wrote that is wrong. */
export interface WrongUse {
  /** Unique, and the name of its test. */
  readonly what: string
  /** One line of TypeScript or more, behind {@link setting}. The last line is the one that the error has to name. */
  readonly wrote: string
  /** What to do about it: the last column of docs/wrong-uses.md. */
  readonly cure: string
}

/** One that the compiler finds. */
export interface CompilerFinds extends WrongUse {
  /** The number of its error: `2554` of TS2554. */
  readonly code: number
  /** A part of its text. */
  readonly says: string
}

/** One that shows when the program runs: in JavaScript, behind a cast, or because of what came from elsewhere. */
export interface RunFinds extends WrongUse {
  /** The class of the error, with the `is` that recognises it. */
  readonly error:
    | 'ClientError'
    | 'FramingError'
    | 'IocpError'
    | 'ProtocolError'
    | 'RpcError'
    | 'ServerError'
    | 'TestingError'
    | 'TypeError'
  /** Of the error. A TypeError is the engine's own, and has none. */
  readonly code?: string
  /** A part of its text. */
  readonly says: string
  /** A part of what the server logs, where clients are not told the reason. */
  readonly because?: string
}

/** What looks wrong and is not: nothing is thrown, and nothing is lost. */
export interface RightUse {
  /** Unique, and the name of its test. */
  readonly what: string
  readonly wrote: string
  /** What it does. */
  readonly does: string
}

/** What every wrong use stands behind. `handlers` are right, `client` is connected to a server with them. */
export const setting = `const Item = z.object({ name: z.string() })
const shop = contract('shop', {
  version: 1,
  procedures: {
    price: procedure({ input: Item, output: z.number(), errors: { SOLD_OUT: z.object({ until: z.string() }) } }),
    ping: procedure({}),
    stock: procedure({ input: Item, items: z.number() }),
  },
  events: { changed: event(z.number(), { topic: Item }), closing: event(z.string()) },
})
const bells = contract('bells', {
  version: 1,
  procedures: { ring: procedure({}) },
  events: { bell: event(z.string(), { subscribe: 'clients' }) },
})
const desk = contract('desk', {
  version: 1,
  procedures: { sit: procedure({}) },
  clientProcedures: { ask: procedure({ input: z.string(), output: z.boolean() }) },
})
const impl = implement(shop)
const handlers = {
  price: () => 3,
  ping: () => undefined,
  async *stock() {
    yield 1
  },
}
const client = createTestClient(impl.handlers(handlers))
`
