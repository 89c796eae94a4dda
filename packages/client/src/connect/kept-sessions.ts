import type { Session, SessionTotals } from '@frameport/protocol/session'

/** One session of a client. The client adds its own members to each. */
export interface KeptSession {
  readonly session: Session
}

const leaving = 'this client has moved to another connection'

/** The sessions of one client that have not ended: the current one, its replacement, and former ones. */
export class KeptSessions<Kept extends KeptSession> {
  readonly #make: (connectsAgain: boolean) => Kept
  readonly #alive = new Set<Kept>()
  /** The totals of ended sessions. */
  readonly #before: Sums = { bytesReceived: 0, bytesSent: 0, callsMade: 0, callsFailed: 0 }
  /** Sessions whose server takes no more calls, and whose replacement has no connection yet. */
  readonly #behind = new Set<Kept>()
  #current: Kept
  #next: Kept | undefined

  /** @param make makes a session. @param connectsAgain as that of the first session */
  constructor(make: (connectsAgain: boolean) => Kept, connectsAgain: boolean) {
    this.#make = make
    this.#current = this.#made(connectsAgain)
  }

  get current(): Kept {
    return this.#current
  }

  /**
   * The session that replaces the current one once it has a connection, because the server has asked the client to
   * leave.
   */
  get next(): Kept | undefined {
    return this.#next
  }

  /** The session that gets the next connection. */
  get target(): Kept {
    return this.#next ?? this.#current
  }

  /** The totals of all sessions so far. */
  get totals(): SessionTotals {
    const totals = { ...this.#before }
    for (const kept of this.#alive) add(totals, kept)
    return totals
  }

  get areGone(): boolean {
    return this.#alive.size === 0
  }

  /** Whether calls may still finish in a former session. */
  get areDraining(): boolean {
    return [...this.#alive].some(({ session }) => session.state === 'draining')
  }

  /** Creates the next session. */
  prepareNext(): void {
    this.#next = this.#made(true)
  }

  /** Removes the next session. @returns it, if there was one */
  takeNext(): Kept | undefined {
    const next = this.#next
    this.#next = undefined
    return next
  }

  /** Makes the next session, or a new one, the current one. @returns the former one */
  replace(): Kept {
    const left = this.#current
    this.#current = this.takeNext() ?? this.#made(true)
    return left
  }

  /**
   * Like {@link replace}, for a session whose open calls continue. It is left once the current session has a
   * connection.
   */
  replaceLater(): void {
    this.#behind.add(this.replace())
  }

  /** @returns the sessions that {@link replaceLater} has kept */
  takeBehind(): readonly Kept[] {
    const behind = [...this.#behind]
    this.#behind.clear()
    return behind
  }

  /**
   * Lets the open calls of the session end, within the time that its server grants. Closes sessions that were left
   * before.
   */
  leave(left: Kept): void {
    for (const { session } of this.#alive)
      if (session.state === 'draining') void session.close({ closedBy: leaving })
    void left.session.close({ graceMs: Number.POSITIVE_INFINITY, closedBy: leaving })
  }

  leaveOthers(): void {
    for (const kept of this.#alive) if (kept !== this.#current) void kept.session.close({ closedBy: leaving })
  }

  /** Like `Session.close`, for all. Settles when they are closed. */
  async close(options: { readonly graceMs?: number | undefined; readonly closedBy: string }): Promise<void> {
    await Promise.all([...this.#alive].map(({ session }) => session.close(options)))
  }

  /** Called when the session has ended completely. */
  gone(kept: Kept): void {
    if (this.#alive.delete(kept)) add(this.#before, kept)
    this.#behind.delete(kept)
  }

  #made(connectsAgain: boolean): Kept {
    const kept = this.#make(connectsAgain)
    this.#alive.add(kept)
    return kept
  }
}

type Sums = Record<keyof SessionTotals, number>

function add(sums: Sums, { session }: KeptSession): void {
  const { totals } = session.stats()
  for (const name of Object.keys(totals) as (keyof SessionTotals)[]) sums[name] += totals[name]
}
