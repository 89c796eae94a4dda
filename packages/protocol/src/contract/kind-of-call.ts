import type { CallKind } from '../envelope/call-kind.ts'
import type { Procedure } from './procedure.ts'

/** Returns the kind of call that a procedure declares. */
export function callKindOf({ upload, items, oneWay }: Procedure): CallKind {
  if (oneWay) return 'one-way'
  if (upload !== undefined) return items === undefined ? 'client-stream' : 'both-ways'
  return items === undefined ? 'unary' : 'server-stream'
}

/** Whether the callee sends items in a call of this kind. */
export function hasItems(kind: CallKind): boolean {
  return kind === 'server-stream' || kind === 'both-ways'
}

/** Whether the caller sends items in a call of this kind. */
export function hasUpload(kind: CallKind): boolean {
  return kind === 'client-stream' || kind === 'both-ways'
}

/** Describes each kind of call for error texts: `chat/join gives one answer`. */
export const kindTexts: Readonly<Record<CallKind, string>> = {
  unary: 'gives one answer',
  'server-stream': 'gives a stream of items',
  'client-stream': 'takes items of its caller and gives one answer',
  'both-ways': 'takes items of its caller and gives a stream of items',
  'one-way': 'gives no answer',
}
