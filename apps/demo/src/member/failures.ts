import { RpcError } from '@frameport/protocol'
import { limits } from '../limits.ts'

/** What a call failed with. */
export interface CallFailure {
  readonly code: string
  readonly message: string
  readonly data?: unknown
}

export interface Wish {
  readonly name?: string
  readonly room?: string
  /** The name of a file. */
  readonly file?: string
}

/** Turns an error into a sentence for the person at the terminal: what happened, and what to do. */
export function sentenceOf(error: unknown, wish: Wish = {}): string {
  if (!RpcError.is(error)) return `This is a fault of the chat itself: ${String(error)}`
  return sentences[error.code]?.(error, wish) ?? `The server refused: ${error.message} (${error.code})`
}

const sentences: Readonly<Record<string, (failure: CallFailure, wish: Wish) => string>> = {
  NAME_TAKEN: (failure, wish) => nameTaken(failure, wish, (name) => `--name ${name}`),
  NAME_FIXED: () =>
    'A name stays the same as long as you are connected: /quit, and come back with another --name.',
  ROOM_FULL: ({ data }, { room }) =>
    `The room ${room ?? ''} is full: it holds ${figureIn(data, 'membersMax')} people. Try another room, or later.`,
  ROOMS_FULL: ({ data }) =>
    `The server has ${figureIn(data, 'roomsMax')} rooms and somebody is in each: no new one fits. Join one of them.`,
  FILES_FULL: filesFull,
  NO_SUCH_FILE: () => 'There is no such file in this room any more: /files lists those there are.',
  HAS_BEGUN: (_failure, { file }) =>
    `${file ?? 'The file'} is on its way already, so you would miss its beginning: ask for it to be sent again.`,
  OWN_FILE: () => 'That is your own file: /cancel takes it back.',
  TAKEN_ALREADY: (_failure, { file }) => `You take ${file ?? 'it'} already: /files shows how far it is.`,
  TOO_SLOW: (_failure, { file }) =>
    `${file ?? 'The file'} came too slowly here, so the others go on without you. Ask for it to be sent again.`,
  SERVERS_APART: () =>
    'The servers of this chat do not reach each other, or the log they share: try again later.',
  NOT_KEPT: () =>
    `The server could not keep the line for ${limits.notKeptRetryMs / 1_000} s. It may have been said all the same: look before you say it again.`,
  WATCHED_ALREADY: () => 'You look at the figures already.',
  NOT_IN_ROOM: () => 'You are in no room. Enter one with /join ROOM.',
  INVALID_ARGUMENT: ({ message }) => message,
  DEADLINE_EXCEEDED: () => 'The server did not answer. It may be overloaded; try again.',
  RESOURCE_EXHAUSTED: ({ message }) => `The server has no room for this: ${message}`,
  UNAVAILABLE: () => 'The connection to the server was lost.',
}

/** @param chosen how one chooses the name that the server suggests */
export function nameTaken(
  { data }: CallFailure,
  { name }: Wish,
  chosen: (suggestion: string) => string,
): string {
  const { suggestion, freeInMs } = (data ?? {}) as {
    readonly suggestion?: string
    readonly freeInMs?: number
  }
  const instead = suggestion === undefined ? 'another one' : chosen(suggestion)
  if (freeInMs === undefined) return `The name ${name ?? ''} is taken: try ${instead}.`
  const seconds = Math.max(1, Math.ceil(freeInMs / 1_000))
  return `The name ${name ?? ''} is taken for ${seconds} s more: its owner's connection was lost. Wait, or try ${instead}.`
}

function filesFull({ data }: CallFailure): string {
  const { of } = (data ?? {}) as { readonly of?: unknown }
  const files = figureIn(data, 'filesMax')
  if (of === 'member') return `You have ${files} files on their way: wait for one, or /cancel it.`
  if (of === 'room') return `${files} files are offered in this room, and no more fit in: try again later.`
  return `The server has ${files} files on their way, and no more fit in: try again later.`
}

function figureIn(data: unknown, key: string): string {
  const value = (data as Readonly<Record<string, unknown>> | undefined)?.[key]
  return typeof value === 'number' ? String(value) : 'all its'
}
