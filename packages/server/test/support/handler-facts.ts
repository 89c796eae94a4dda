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

/** The connection that a handler is given and what it has of the server, of which nothing is wanted. */
export const handlerFacts: Pick<IncomingFacts, 'connection' | 'publish' | 'connections'> = {
  connection,
  publish() {
    throw new Error('nobody listens')
  },
  connections: new Set(),
}
