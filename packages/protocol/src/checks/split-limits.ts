import { describeValue } from './check-value.ts'
import { unknownName } from './nearest-name.ts'
import { textOfThrown } from './thrown.ts'
import { checking, readOnce } from './unreadable.ts'

/** What {@link splitLimits} needs to know about a client or a server. */
export interface SideLimits<Own, Session> {
  /** The limits of the side itself, with their defaults. */
  readonly own: Own
  /** The limits of its sessions, for their names. */
  readonly session: Session
  /** Throws for limits that a session would refuse. */
  readonly checkSession: (limits: Partial<Session>) => unknown
  /** Makes the error of a problem. */
  readonly refusal: (problem: string, options?: { readonly cause?: unknown }) => Error
}

/**
 * Splits the limits of a client or a server into its own, completed by their defaults, and those of its sessions.
 * Each is read once. All are checked at once: a session would report a wrong limit only after a peer has connected.
 *
 * @throws what `refusal` makes of the first problem
 */
export function splitLimits<Own extends object, Session extends object>(
  given: { readonly [Name in keyof (Own & Session)]?: (Own & Session)[Name] | undefined },
  { own: defaults, session: sessionDefaults, checkSession, refusal }: SideLimits<Own, Session>,
): { readonly own: Own; readonly session: Partial<Session> } {
  const names = [...Object.keys(defaults), ...Object.keys(sessionDefaults)]
  const read = checking(() => {
    const problem = unknownName('limits', given, names)
    if (problem !== undefined) throw refusal(problem)
    return readOnce(given, names)
  }, refusal)
  // Defaults for what is left out; null is no limit.
  const all = Object.entries({ ...defaults, ...read })
  const own = all.filter(([name]) => Object.hasOwn(defaults, name))
  for (const [name, value] of own) {
    if (!Number.isSafeInteger(value) || (value as number) < 1) {
      throw refusal(`${name} is ${describeValue(value)}, not a positive integer`)
    }
  }
  const session = Object.fromEntries(
    all.filter(([name]) => !Object.hasOwn(defaults, name)),
  ) as Partial<Session>
  try {
    checkSession(session)
  } catch (cause) {
    throw refusal(textOfThrown(cause), { cause })
  }
  return { own: Object.fromEntries(own) as Own, session }
}
