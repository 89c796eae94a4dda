/** One thing in which the contract of the server is not that of this client. */
export interface ServerDifference {
  /** `clientProcedure`: one that the server calls. */
  readonly kind: 'contract' | 'procedure' | 'clientProcedure' | 'event'
  /** The procedure by its path (`files.put`), or the event by its name (`line`). Empty for the contract as a whole. */
  readonly member: string
  /** Where in it: `input.nick`, `output.rows.[].age`, `errors.GONE`, `payload`, `kind`. Empty for the member as a whole. */
  readonly place: string
  /**
   * What it does to this client: it `works`, something is dropped on the way or never comes (`loses`), it `fails`, or that
   * depends on the value (`unknown`: both sides have the place, and not the same).
   */
  readonly outcome: 'works' | 'loses' | 'fails' | 'unknown'
  /** For people: `is not known to the server, which drops it`. */
  readonly text: string
}
