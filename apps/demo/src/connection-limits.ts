import { limits } from './limits.ts'

/** The limits of every connection of the chat, on both sides. */
export const heartbeatLimits = {
  heartbeatIntervalMs: limits.heartbeatIntervalMs,
  heartbeatTimeoutMs: limits.heartbeatTimeoutMs,
} as const

/** The limits of every client. */
export const clientLimits = {
  connectTimeoutMs: limits.connectTimeoutMs,
  helloTimeoutMs: limits.helloTimeoutMs,
  ...heartbeatLimits,
} as const

/** The limits of the client of a member, whose session can resume after an interruption. */
export const memberLimits = { ...clientLimits, resumeWindowMs: limits.nameHeldMs } as const
