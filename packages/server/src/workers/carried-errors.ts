import { textOfThrown } from '@frameport/protocol/checks'

/** An error in a form that can be sent to another thread. */
export interface ErrorFacts {
  readonly name: string
  readonly message: string
  readonly code: string | undefined
  readonly stack: string | undefined
}

/** The structured clone of an error would lose its code. */
export function errorFactsOf(error: unknown): ErrorFacts {
  if (!(error instanceof Error))
    return { name: 'Error', message: textOfThrown(error), code: undefined, stack: undefined }
  const { name, message, stack } = error
  const { code } = error as { readonly code?: unknown }
  return { name, message, code: typeof code === 'string' ? code : undefined, stack }
}

/** Recreates the error of the other thread with its name, text, code and stack. It is only an instance of Error. */
export function errorOf({ name, message, code, stack }: ErrorFacts): Error {
  const error = Object.assign(new Error(message), { name })
  if (stack !== undefined) error.stack = stack
  return code === undefined ? error : Object.assign(error, { code })
}
