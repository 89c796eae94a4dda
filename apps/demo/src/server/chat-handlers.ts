import { RpcError } from '@frameport/protocol'
import { type HandlerConnection, implement } from '@frameport/server'
import { chat } from '../chat-contract.ts'
import type { ChatContext } from './chat-context.ts'
import { figuresHandlers } from './figures/figures-handlers.ts'
import { fileHandlers } from './files/file-handlers.ts'

const implementer = implement(chat).$context<ChatContext>()

const roomHandlers = implementer.at('rooms', {
  async join({ input, context: { service, visitor, log }, connection, errors }) {
    const outcome = await service.join(visitor, input, (roomKey, roomKeyBefore) => {
      if (roomKeyBefore !== undefined) {
        listen(connection, 'unsubscribe', roomKeyBefore)
        // The client itself has subscribed to the lines.
        connection.revoke(chat.events.line, { room: roomKeyBefore })
      }
      return listen(connection, 'subscribe', roomKey)
    })
    if (outcome.ok) {
      log.info({ member: outcome.value.name, room: outcome.value.room }, 'joined')
      return outcome.value
    }
    const { refusal } = outcome
    // A client that waits for the other servers asks every second. The reason why they are away is already in the log.
    log[refusal.code === 'SERVERS_APART' ? 'debug' : 'info']({ code: refusal.code }, 'could not join')
    switch (refusal.code) {
      case 'NAME_TAKEN': {
        const { suggestion, freeInMs } = refusal
        throw errors.NAME_TAKEN(freeInMs === undefined ? { suggestion } : { suggestion, freeInMs })
      }
      case 'NAME_FIXED':
        throw errors.NAME_FIXED({ name: refusal.name })
      case 'ROOM_FULL':
        throw errors.ROOM_FULL({ membersMax: refusal.membersMax })
      case 'ROOMS_FULL':
        throw errors.ROOMS_FULL({ roomsMax: refusal.roomsMax })
      case 'TOO_FAST':
        throw errors.TOO_FAST({ retryAfterMs: refusal.retryAfterMs })
      case 'GONE':
        throw new RpcError('CANCELLED', 'The connection that made this call has ended.')
      case 'SERVERS_APART':
        throw errors.SERVERS_APART({})
    }
  },

  async history({ input, context: { service, lines, visitor }, errors }) {
    const outcome = service.readsHistory(visitor)
    if (outcome.ok) return await lines.page(outcome.value, input.before)
    const { refusal } = outcome
    if (refusal.code === 'NOT_IN_ROOM') throw errors.NOT_IN_ROOM({})
    throw errors.TOO_FAST({ retryAfterMs: refusal.retryAfterMs })
  },

  who({ context: { service, visitor }, errors }) {
    const outcome = service.who(visitor)
    if (!outcome.ok) throw errors.NOT_IN_ROOM({})
    return outcome.value
  },
})

const lineHandlers = implementer.at('lines', {
  async say({ input, context: { service, visitor }, errors }) {
    const outcome = await service.say(visitor, input.text, input.number)
    if (outcome.ok) return outcome.value
    const { refusal } = outcome
    switch (refusal.code) {
      case 'NOT_IN_ROOM':
        throw errors.NOT_IN_ROOM({})
      case 'TOO_FAST':
        throw errors.TOO_FAST({ retryAfterMs: refusal.retryAfterMs })
      case 'NOT_KEPT':
        throw errors.NOT_KEPT({})
    }
  },

  typing({ context: { service, visitor }, errors }) {
    if (!service.typing(visitor).ok) throw errors.NOT_IN_ROOM({})
  },
})

export const chatHandlers = implementer.handlers({
  rooms: roomHandlers,
  lines: lineHandlers,
  files: fileHandlers,
  figures: figuresHandlers,
  quit: ({ context: { service, visitor } }) => service.quit(visitor),
})

/** Changes the subscriptions to all events except lines, to which the clients subscribe themselves. */
function listen(
  connection: HandlerConnection,
  change: 'subscribe' | 'unsubscribe',
  roomKey: string,
): Promise<unknown> {
  const topic = { room: roomKey }
  return Promise.all([
    connection[change](chat.events.presence, topic),
    connection[change](chat.events.typing, topic),
    connection[change](chat.events.offer, topic),
    connection[change](chat.events.offerClosed, topic),
  ])
}
