import { chatImplementer } from './chat-implementer.ts'

export const lineHandlers = chatImplementer.at('lines', {
  say({ input, context: { hall, visitor }, errors }) {
    const outcome = hall.say(visitor, input.text)
    if (outcome.ok) return outcome.value
    const { refusal } = outcome
    if (refusal.code === 'NOT_IN_ROOM') throw errors.NOT_IN_ROOM({})
    throw errors.TOO_FAST({ retryAfterMs: refusal.retryAfterMs })
  },

  typing({ context: { hall, visitor }, errors }) {
    if (!hall.typing(visitor).ok) throw errors.NOT_IN_ROOM({})
  },
})
