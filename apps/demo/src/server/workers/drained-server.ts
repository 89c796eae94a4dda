import type { Server } from '@frameport/server'
import type { ChatService } from '../chat-service.ts'

/**
 * Wraps a server so that the chat service closes first. The other workers then learn that the members of this server
 * are away, and not that they have left. This is necessary because a pool closes the servers of its workers by itself.
 */
export function drainedServer(server: Server, service: Pick<ChatService, 'close'>): Server {
  let told: Promise<void> | undefined
  const close: Server['close'] = async (options) => {
    told ??= service.close()
    await told
    await server.close(options)
  }
  return new Proxy(server, {
    get(target, name) {
      if (name === 'close') return close
      const member: unknown = Reflect.get(target, name, target)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}
