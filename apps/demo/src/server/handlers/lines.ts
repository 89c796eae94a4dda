import { chatImplementer } from './chat-implementer.ts'

export const lineHandlers = chatImplementer.at('lines', {
  say({ input, context: { service, visitor }, errors }) {
    const outcome = service.say(visitor, input.text)
    if (outcome.ok) return outcome.value
    const { refusal } = outcome
    if (refusal.code === 'NOT_IN_ROOM') throw errors.NOT_IN_ROOM({})
    throw errors.TOO_FAST({ retryAfterMs: refusal.retryAfterMs })
  },

  typing({ context: { service, visitor }, errors }) {
    if (!service.typing(visitor).ok) throw errors.NOT_IN_ROOM({})
  },
})
