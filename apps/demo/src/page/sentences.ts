import { RpcError } from '@frameport/protocol'
import { type CallFailure, nameTaken, sentenceOf, type Wish } from '../member/failures.ts'

/** Turns an error into a sentence for the person at the page, who has buttons and no commands. */
export function pageSentenceOf(error: unknown, wish: Wish = {}): string {
  const own = RpcError.is(error) ? sentences[error.code]?.(error, wish) : undefined
  return own ?? sentenceOf(error, wish)
}

const sentences: Readonly<Record<string, (failure: CallFailure, wish: Wish) => string | undefined>> = {
  NAME_TAKEN: (failure, wish) => nameTaken(failure, wish, (suggestion) => suggestion),
  NAME_FIXED: () =>
    'You cannot change your name while you are connected. Leave the chat, and come back with another name.',
  FILES_FULL: ({ data }) =>
    (data as { readonly of?: unknown } | undefined)?.of === 'member'
      ? 'You already have the largest number of files in progress. Wait for one, or take one back.'
      : undefined,
  NO_SUCH_FILE: () => 'This room no longer offers that file.',
  OWN_FILE: () => 'That is your own file.',
  TAKEN_ALREADY: (_failure, { file }) => `You are already taking ${file ?? 'it'}.`,
  NOT_IN_ROOM: () => 'You are not in a room. Join one.',
}
