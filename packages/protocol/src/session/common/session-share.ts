/**
 * What several sessions of a server have in common because they come from one place. It is read each time, and may
 * change.
 */
export interface SessionShare {
  /**
   * The name under which the memory and the time of its sessions are added up; undefined if a session counts alone.
   */
  readonly key: string | undefined
  /**
   * Called when a call is refused. Must not throw.
   *
   * @returns false if too many were refused on all sessions of the share: the session ends
   */
  takeRefusal(): boolean
}
