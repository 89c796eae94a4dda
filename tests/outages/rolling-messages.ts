import type { EventToLog, LogQuery } from '@frameport/server'

/** What a server tells the process that started it. */
export type ToParent =
  | { readonly url: string }
  | { readonly placed: number }
  | { readonly id: number; readonly append: EventToLog }
  | { readonly id: number; readonly after: LogQuery }

/** What it is told. */
export type ToServer = { readonly publish: number } | { readonly id: number; readonly answer: unknown }
