/** What several sessions of a server have together: they come from one place. It is asked each time, and may be another one later. */
export interface SessionShare {
  /** Under which name what the session holds, and its time, are added up; by itself when undefined. */
  readonly key: string | undefined
  /** A call is refused. False when too many were, on all sessions of the share: the session ends. Must not throw. */
  takeRefusal(): boolean
}
