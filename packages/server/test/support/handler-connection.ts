import type { HandlerConnection } from '@frameport/server'

/** The connection that a handler is given, of which nothing is wanted. */
export const handlerConnection: HandlerConnection = {
  id: '1',
  remoteEndpoint: 'memory:',
  subscribe() {},
  unsubscribe() {},
  emit() {},
  async close() {},
}
