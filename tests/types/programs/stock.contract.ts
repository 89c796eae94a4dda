import { contract, event, procedure } from '@frameport/protocol'
import * as v from 'valibot'

const Article = v.object({ id: v.string(), price: v.pipe(v.string(), v.transform(Number)) })

/** Schemas of valibot. */
export const stock = contract('stock', {
  version: 1,
  procedures: {
    find: procedure({
      input: v.object({ text: v.string(), limit: v.optional(v.number(), 10) }),
      output: v.array(Article),
    }),
    watch: procedure({ items: Article, errors: { CLOSED: v.object({ untilMs: v.number() }) } }),
  },
  events: { price: event(Article, { topic: v.object({ id: v.string() }) }) },
})
