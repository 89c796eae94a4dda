import type { HandlerConnection, IncomingFacts } from '@frameport/server'

const connection: HandlerConnection = {
  id: '1',
  remoteEndpoint: 'memory:',
  tls: undefined,
  async subscribe() {},
  unsubscribe() {},
  revoke() {},
  emit() {},
  client() {
    throw new Error('nobody is called')
  },
  async challenge() {},
  async close() {},
}

/** The connection and the members of the server that a handler receives, for tests that do not use them. */
export const handlerFacts: Pick<IncomingFacts, 'connection' | 'publish' | 'connections'> = {
  connection,
  publish() {
    throw new Error('nobody listens')
  },
  connections: new Set(),
}
