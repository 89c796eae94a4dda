import type { RunFinds } from './wrong-use.ts'

const ofContracts: readonly RunFinds[] = [
  {
    what: 'no version',
    wrote: "contract('shop', { procedures: { ping: procedure({}) } })",
    error: 'ProtocolError',
    code: 'INVALID_CONTRACT',
    says: 'The version of contract shop is undefined: use a positive integer',
    cure: 'Begin with `version: 1`.',
  },
  {
    what: 'version 0',
    wrote: "contract('shop', { version: 0, procedures: { ping: procedure({}) } })",
    error: 'ProtocolError',
    code: 'INVALID_CONTRACT',
    says: 'The version of contract shop is 0: use a positive integer',
    cure: 'Begin with `version: 1`.',
  },
  {
    what: 'a contract without procedures and events',
    wrote: "contract('shop', { version: 1 })",
    error: 'ProtocolError',
    code: 'INVALID_CONTRACT',
    says: 'Contract shop has no procedures and no events: declare at least one',
    cure: 'Give it a procedure or an event.',
  },
  {
    what: 'a name with a slash',
    wrote: "contract('my/shop', { version: 1, procedures: { ping: procedure({}) } })",
    error: 'ProtocolError',
    code: 'INVALID_CONTRACT',
    says: 'The contract name "my/shop" is not valid',
    cure: 'Take letters, digits, `-` and `_`.',
  },
  {
    what: 'a name that the client has itself',
    wrote: "contract('shop', { version: 1, procedures: { $on: procedure({}) } })",
    error: 'ProtocolError',
    code: 'INVALID_CONTRACT',
    says: 'names that begin with $ belong to the client',
    cure: 'Choose another name.',
  },
  {
    what: 'a procedure named then',
    wrote: "contract('shop', { version: 1, procedures: { then: procedure({}) } })",
    error: 'ProtocolError',
    code: 'INVALID_CONTRACT',
    says: '`await client` would call it',
    cure: 'Choose another name.',
  },
  {
    what: 'a misspelled member of a procedure',
    wrote: 'procedure({ ouput: z.number() })',
    error: 'ProtocolError',
    code: 'INVALID_CONTRACT',
    says: 'did you mean output?',
    cure: 'Take the name that the text proposes.',
  },
  {
    what: 'a schema in the place of a procedure',
    wrote: "contract('shop', { version: 1, procedures: { price: z.number() } })",
    error: 'ProtocolError',
    code: 'INVALID_CONTRACT',
    says: 'make a procedure with procedure({ input, output })',
    cure: 'Write `price: procedure({ output: z.number() })`.',
  },
  {
    what: 'both output and items',
    wrote:
      "contract('shop', { version: 1, procedures: { both: procedure({ output: z.number(), items: z.number() }) } })",
    error: 'ProtocolError',
    code: 'INVALID_CONTRACT',
    says: 'shop/both has both output and items',
    cure: 'A procedure answers once or is a stream: keep one.',
  },
  {
    what: 'something else in the place of a schema',
    wrote:
      "contract('shop', { version: 1, procedures: { price: procedure({ input: { name: 'string' } }) } })",
    error: 'ProtocolError',
    code: 'INVALID_CONTRACT',
    says: 'The input of shop/price is not a Standard Schema',
    cure: 'Give a schema: `z.object({ name: z.string() })`.',
  },
  {
    what: 'error codes in a list',
    wrote: "procedure({ errors: ['SOLD_OUT'] })",
    error: 'ProtocolError',
    code: 'INVALID_CONTRACT',
    says: 'errors is an array, not an object',
    cure: 'Give each code with the schema of its data.',
  },
  {
    what: 'an error code in lower case',
    wrote:
      "contract('shop', { version: 1, procedures: { price: procedure({ errors: { soldOut: z.string() } }) } })",
    error: 'ProtocolError',
    code: 'INVALID_CONTRACT',
    says: 'soldOut',
    cure: 'Write it in UPPER_SNAKE.',
  },
  {
    what: 'a misspelled member of an event',
    wrote: 'event(z.string(), { topics: z.string() })',
    error: 'ProtocolError',
    code: 'INVALID_CONTRACT',
    says: 'did you mean topic?',
    cure: 'Take the name that the text proposes.',
  },
  {
    what: 'nobody known to subscribe to an event',
    wrote: "event(z.string(), { subscribe: 'client' })",
    error: 'ProtocolError',
    code: 'INVALID_CONTRACT',
    says: "subscribe is \"client\", not one of 'handlers', 'clients'",
    cure: 'Take one of the two.',
  },
]

/** Errors of `contract`, `procedure` and `event`. */
export const contractFinds: readonly RunFinds[] = [...ofContracts]
