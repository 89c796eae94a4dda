import { z } from 'zod'
import { contract, event, procedure } from '../../src/index.ts'

const Line = z.object({ text: z.string() })

// @ts-expect-error not a schema
procedure({ input: 42 })
// @ts-expect-error an option that does not exist
procedure({ inputs: Line })
// @ts-expect-error a stream has no answer
procedure({ items: Line, output: Line })
// @ts-expect-error the data of an error needs a schema
procedure({ errors: { LOST: 'text' } })
// @ts-expect-error not a procedure
contract('x', { version: 1, procedures: { a: 1 } })
// @ts-expect-error not an event
contract('x', { version: 1, procedures: { a: procedure({}) }, events: { b: procedure({}) } })
// @ts-expect-error the version is missing
contract('x', { procedures: { a: procedure({}) } })

const after = z.object({ after: z.number() })
procedure({
  input: after,
  items: Line,
  resumeFrom: (input, last) => ({ after: input.after + last.text.length }),
})
// @ts-expect-error a stream goes on behind an item
procedure({ input: after, output: Line, resumeFrom: (input: { after: number }) => input })
// @ts-expect-error a stream goes on by its input
procedure({ items: Line, resumeFrom: () => undefined })
// @ts-expect-error the items of a caller cannot be sent again
procedure({ input: after, items: Line, upload: Line, resumeFrom: (input: { after: number }) => input })
// @ts-expect-error it gives an input
procedure({ input: after, items: Line, resumeFrom: () => ({ behind: 1 }) })

contract('x', { version: 1, events: { line: event(Line) } })
contract('x', { version: 1, procedures: undefined, events: { line: event(Line) } })
// @ts-expect-error null is no group of procedures
contract('x', { version: 1, procedures: null, events: { line: event(Line) } })
