import type { Client } from '@frameport/client'
import { contract, event, procedure } from '@frameport/protocol'
import { implement, type Server } from '@frameport/server'
import { createTestClient, type TestClient } from '@frameport/testing/client'
import { expectTypeOf } from 'vitest'
import { z } from 'zod'

const shop = contract('shop', {
  version: 1,
  procedures: {
    buy: procedure({ input: z.string(), output: z.number(), errors: { GONE: z.string() } }),
    watch: procedure({ items: z.number() }),
  },
  events: { sold: event(z.string()) },
})
const handlers = { buy: () => 1, watch: async function* () {} }
const needsUser = implement(shop).$context<{ user: string }>().handlers(handlers)
const needsNothing = implement(shop).handlers(handlers)

export const client = createTestClient(needsUser, { context: { user: 'ada' } })
expectTypeOf(client).toEqualTypeOf<TestClient<typeof shop>>()
expectTypeOf(client.buy).toEqualTypeOf<Client<typeof shop>['buy']>()
expectTypeOf(client.watch).toEqualTypeOf<Client<typeof shop>['watch']>()
expectTypeOf(client.$on).toEqualTypeOf<Client<typeof shop>['$on']>()
expectTypeOf(client.$server).toEqualTypeOf<Server>()
expectTypeOf(client).toExtend<AsyncDisposable>()
expectTypeOf(client.$connect()).toExtend<Client<typeof shop> & AsyncDisposable>()

createTestClient(needsNothing)
createTestClient(needsUser, { context: async ({ hello }) => ({ user: String(hello.auth) }) })
// @ts-expect-error the context is missing
createTestClient(needsUser)
// @ts-expect-error the context is missing
createTestClient(needsUser, {})
// @ts-expect-error a required context may not be undefined
createTestClient(needsUser, { context: undefined })
createTestClient(needsNothing, {
  context: undefined,
  server: { limits: undefined },
  network: { latencyMs: undefined },
})
// @ts-expect-error the wrong context
createTestClient(needsUser, { context: { usr: 'ada' } })
// @ts-expect-error the test client sets this option of the server itself
createTestClient(needsNothing, { server: { log: console } })

const subscribable = contract('feed', {
  version: 1,
  procedures: {},
  events: { news: event(z.string(), { subscribe: 'clients' }) },
})
const feed = implement(subscribable).handlers({})
createTestClient(feed, { authorizeSubscribe: () => true })
// @ts-expect-error authorizeSubscribe is missing
createTestClient(feed)
