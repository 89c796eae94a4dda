import { contract, procedure } from '@frameport/protocol'
import { z } from 'zod'

const Key = z.string().min(1).max(256)
/** Short, so that what the server keeps for watchers is bounded: changes kept × this. */
const Value = z.string().max(4096)
/** Counts the changes of the whole store. 0 is before the first change, or a key that is not there. */
const Revision = z.number().int().nonnegative()

/** A key as it stands, or one change of it: a change is the entry that it made. */
export const Entry = z.object({
  key: Key,
  value: Value,
  revision: Revision.min(1),
  /** Who wrote it, if the client said so in its metadata. */
  writer: z.string().optional(),
})
export type Entry = z.output<typeof Entry>

export const store = contract('store', {
  version: 1,
  procedures: {
    /** NOT_FOUND when the key is not there. */
    get: procedure({ input: z.object({ key: Key }), output: Entry }),
    put: procedure({ input: z.object({ key: Key, value: Value }), output: Entry }),
    /** Writes only if the key still has the revision that the caller has seen: 0 for a key that is not there. */
    compareAndSet: procedure({
      input: z.object({ key: Key, value: Value, expected: Revision }),
      output: Entry,
      // The current state comes with the refusal, so that the caller need not ask for it before it tries again.
      errors: { CONFLICT: z.object({ revision: Revision, value: Value.optional() }) },
    }),
    list: procedure({ input: z.object({ prefix: z.string().max(256) }), items: Entry }),
    /** Every change after the revision `after`, in order; without it, every change after the call has begun. */
    watch: procedure({
      input: z.object({ prefix: z.string().max(256), after: Revision.optional() }),
      items: Entry,
      // The server keeps a bounded number of changes. Who was away for longer lists, and watches from there.
      errors: { COMPACTED: z.object({ oldest: Revision }) },
    }),
  },
})
