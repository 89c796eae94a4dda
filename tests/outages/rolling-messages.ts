import type { EventToLog, LogQuery } from '@frameport/server'

/** A message of a server to the process that started it. */
export type ToParent =
  | { readonly url: string }
  | { readonly placed: number }
  | { readonly id: number; readonly append: EventToLog }
  | { readonly id: number; readonly after: LogQuery }

/** A message to a server. */
export type ToServer = { readonly publish: number } | { readonly id: number; readonly answer: unknown }
