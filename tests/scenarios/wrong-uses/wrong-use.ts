/** A wrong program. */
export interface WrongUse {
  /** Unique, and the name of its test. */
  readonly what: string
  /** One or more lines of TypeScript after {@link setting}. The error must name the last line. */
  readonly wrote: string
  /** What to do about it: the last column of docs/wrong-uses.md. */
  readonly cure: string
}

/** A wrong use that the compiler detects. */
export interface CompilerFinds extends WrongUse {
  /** The number of its error: `2554` of TS2554. */
  readonly code: number
  /** A part of its text. */
  readonly says: string
}

/** A wrong use that shows at run time: in JavaScript, after a cast, or because of data from elsewhere. */
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
  /** The code of the error. A TypeError of the JavaScript engine has none. */
  readonly code?: string
  /** A part of its text. */
  readonly says: string
  /** A part of a log line of the server, if clients do not receive the reason. */
  readonly because?: string
}

/** A correct use that looks wrong: nothing is thrown, and nothing is lost. */
export interface RightUse {
  /** Unique, and the name of its test. */
  readonly what: string
  readonly wrote: string
  /** What it does. */
  readonly does: string
}

/** The setting of every wrong use. `handlers` are correct, and `client` is connected to a server with them. */
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
