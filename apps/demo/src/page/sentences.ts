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
    'A name stays the same as long as you are connected: leave the chat, and come back with another one.',
  FILES_FULL: ({ data }) =>
    (data as { readonly of?: unknown } | undefined)?.of === 'member'
      ? 'As many of your files as may be are on their way: wait for one, or take one back.'
      : undefined,
  NO_SUCH_FILE: () => 'There is no such file in this room any more.',
  OWN_FILE: () => 'That is your own file.',
  TAKEN_ALREADY: (_failure, { file }) => `You take ${file ?? 'it'} already.`,
  NOT_IN_ROOM: () => 'You are in no room. Join one.',
}
