import { limits } from './limits.ts'

/** Of every connection of the chat, on both sides. */
export const heartbeatLimits = {
  heartbeatIntervalMs: limits.heartbeatIntervalMs,
  heartbeatTimeoutMs: limits.heartbeatTimeoutMs,
} as const

/** Of every client. */
export const clientLimits = {
  connectTimeoutMs: limits.connectTimeoutMs,
  helloTimeoutMs: limits.helloTimeoutMs,
  ...heartbeatLimits,
} as const

/** Of the client of a member, whose session goes on after a cut. */
export const memberLimits = { ...clientLimits, resumeWindowMs: limits.nameHeldMs } as const
