import { wrongKind } from '../checks/check-value.ts'
import { ProtocolError } from '../protocol-error.ts'
import type { CallObserver } from './call-observer.ts'

/** The argument of `next()` of a middleware. */
export interface NextOptions extends CallObserver {
  readonly context?: object | undefined
}

const kinds = { context: 'record', onItem: 'function', onEnd: 'function' } as const

/**
 * Refuses what `next` does not know: an observer with a wrong name would see nothing, and `user.then(next)` add
 * nothing. It allocates nothing, because it runs within every call whose middleware adds to the context.
 *
 * @throws ProtocolError `INVALID_OPTION`
 */
export function checkNext(options: NextOptions, procedure: string): void {
  const problem = wrongKind('it', options ?? null, 'object') ?? wrongOption(options)
  if (problem !== undefined)
    throw new ProtocolError(
      'INVALID_OPTION',
      `next() in a middleware of ${procedure} was called with a wrong argument: ${problem}`,
    )
}

function wrongOption(options: NextOptions): string | undefined {
  for (const name in options) {
    if (!Object.hasOwn(kinds, name)) return `it takes context, onItem and onEnd, not ${JSON.stringify(name)}`
    const known = name as keyof typeof kinds
    const problem = wrongKind(known, options[known], kinds[known])
    if (problem !== undefined) return problem
  }
  return undefined
}
