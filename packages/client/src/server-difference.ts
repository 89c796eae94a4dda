/** One difference between the contract of the server and that of this client. */
export interface ServerDifference {
  /** The kind of member that differs. `clientProcedure`: a procedure that the server calls. */
  readonly kind: 'contract' | 'procedure' | 'clientProcedure' | 'event'
  /** The path of the procedure (`files.put`), or the name of the event (`line`). Empty for the contract as a whole. */
  readonly member: string
  /** The place inside the member: `input.nick`, `output.rows.[].age`, `errors.GONE`, `payload`, `kind`. Empty for the member as a whole. */
  readonly place: string
  /**
   * The effect on this client.
   *
   * - `works`: none
   * - `loses`: something is dropped on the way, or never arrives
   * - `fails`: calls or subscriptions fail
   * - `unknown`: it depends on the value, because both sides have the place with different schemas
   */
  readonly outcome: 'works' | 'loses' | 'fails' | 'unknown'
  /** The difference in words, for people: `is not known to the server, which drops it`. */
  readonly text: string
}
