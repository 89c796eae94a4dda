import { type ClientOptions, type Connector, createClient } from '@frameport/client'
import { contract, procedure } from '@frameport/protocol'
import type { Body } from '@frameport/protocol/envelope'
import type { SessionHandlers } from '@frameport/protocol/session'
import { assertQuiet } from '@frameport/testing'
import { playedSession } from './played-session.ts'

export const tiny = contract('tiny', { version: 1, procedures: { ping: procedure({}) } })
export const value = (content: unknown): Body => ({ kind: 'value', value: content })

/** A client, and a session that plays its server and records the credentials that it receives. */
export function played(
  options: ClientOptions = {},
  handlers: Partial<SessionHandlers> = {},
  overConnector = false,
) {
  const shown: Body[] = []
  const noted = ({ auth }: { readonly auth: Body }) => {
    shown.push(auth)
    return {}
  }
  const { clock, connection, session } = playedSession([tiny.announcement], {
    handlers: { hello: async (hello) => noted(hello), credentials: noted, ...handlers },
  })
  const connector: Connector = { url: 'test:there', connect: async () => connection }
  const client = createClient(tiny, overConnector ? connector : connection, {
    environment: clock,
    ...options,
  })
  const close = async () => {
    await clock.until(Promise.all([client.$close(), session.close()]))
    assertQuiet(clock)
  }
  return { clock, client, session, shown, close }
}
