import { RpcError } from '@frameport/protocol'
import { limits } from '../limits.ts'

/** The failure of a call. */
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
  if (!RpcError.is(error)) return `The chat itself failed: ${String(error)}`
  return (
    sentences[error.code]?.(error, wish) ?? `The server refused the request: ${error.message} (${error.code})`
  )
}

const sentences: Readonly<Record<string, (failure: CallFailure, wish: Wish) => string>> = {
  NAME_TAKEN: (failure, wish) => nameTaken(failure, wish, (name) => `--name ${name}`),
  NAME_FIXED: () =>
    'You cannot change your name while you are connected. Leave with /quit, and come back with another --name.',
  ROOM_FULL: ({ data }, { room }) =>
    `The room ${room ?? ''} is full: it holds ${figureIn(data, 'membersMax')} people. Try another room, or try again later.`,
  ROOMS_FULL: ({ data }) =>
    `The server already has ${figureIn(data, 'roomsMax')} rooms with people in them, and cannot open another one. Join one of them.`,
  FILES_FULL: filesFull,
  NO_SUCH_FILE: () => 'This room no longer offers that file. /files lists the files that you can take.',
  HAS_BEGUN: (_failure, { file }) =>
    `${file ?? 'The file'} is already being sent, so you would miss its beginning. Ask the sender to send it again.`,
  OWN_FILE: () => 'That is your own file. /cancel takes it back.',
  TAKEN_ALREADY: (_failure, { file }) => `You are already taking ${file ?? 'it'}. /files shows its progress.`,
  TOO_SLOW: (_failure, { file }) =>
    `You received ${file ?? 'the file'} too slowly, so the transfer continues without you. Ask the sender to send it again.`,
  SERVERS_APART: () =>
    'The servers of this chat cannot reach each other or their shared log. Try again later.',
  NOT_KEPT: () =>
    `The server could not keep the line for ${limits.notKeptRetryMs / 1_000} s. Others may have received it anyway: check before you send it again.`,
  WATCHED_ALREADY: () => 'You are already viewing the figures.',
  NOT_IN_ROOM: () => 'You are not in a room. Enter one with /join ROOM.',
  INVALID_ARGUMENT: ({ message }) => message,
  DEADLINE_EXCEEDED: () => 'The server did not answer. It may be overloaded; try again.',
  RESOURCE_EXHAUSTED: ({ message }) => `The server has no capacity for this: ${message}`,
  UNAVAILABLE: () => 'The connection to the server was lost.',
}

/** @param chosen formats the suggested name as the person can enter it */
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
  return `The name ${name ?? ''} is reserved for another ${seconds} s, because its owner lost the connection. Wait, or try ${instead}.`
}

function filesFull({ data }: CallFailure): string {
  const { of } = (data ?? {}) as { readonly of?: unknown }
  const files = figureIn(data, 'filesMax')
  if (of === 'member') return `You already have ${files} files in progress. Wait for one, or /cancel it.`
  if (of === 'room') return `This room already has ${files} files in progress. Try again later.`
  return `The server already has ${files} files in progress. Try again later.`
}

function figureIn(data: unknown, key: string): string {
  const value = (data as Readonly<Record<string, unknown>> | undefined)?.[key]
  return typeof value === 'number' ? String(value) : 'too many'
}
