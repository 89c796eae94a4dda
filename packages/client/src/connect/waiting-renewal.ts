import type { Body } from '@frameport/protocol/envelope'

/** Credentials that were given by hand. */
export interface GivenCredentials {
  readonly auth: unknown
  readonly body: Body
}

/** A renewal of credentials that waits for a connection, whose hello shows them. */
export class WaitingRenewal {
  /** Absent: what the function `auth` gives. */
  readonly given: GivenCredentials | undefined
  /** Rejects with the refusal of the server, or because there will be no connection. */
  readonly settled: Promise<void>
  taken!: () => void
  failed!: (error: unknown) => void
  /** The function was asked after the renewal had begun: what it gives is new. */
  isAskedFor = false

  /** @param before a renewal that waits, in the place of which this one is: it ends as this one does */
  constructor(given: GivenCredentials | undefined, before: WaitingRenewal | undefined) {
    this.given = given
    this.settled = new Promise((resolve, reject) => {
      this.taken = resolve
      this.failed = reject
    })
    if (before !== undefined) this.settled.then(before.taken, before.failed)
  }
}
