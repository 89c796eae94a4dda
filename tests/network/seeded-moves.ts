import type { SeededFaults } from '../support/seeded-faults.ts'

/** Faults of clients that continue at another server, and of connections that end at their age. */
export const seededMoves: SeededFaults<unknown>['faults'] = {
  'an address that is not tried in its turn': [
    {
      file: 'client/src/connect/addresses.ts',
      search: 'return due.length === 0 ? possible : due',
      replace: 'return (due.length === 0 ? possible : due).slice(0, 1)',
    },
  ],
  'a client that ends because one of its servers refuses it': [
    {
      file: 'client/src/connect/addresses.ts',
      search: 'if (this.#ruledOut.size < this.#connectors.length) return undefined',
      replace: 'if (this.#ruledOut.size === 0) return undefined',
    },
    {
      file: 'client/src/connect/connect-attempt.ts',
      search: 'if (this.#left.length === 0 || this.#leftMs <= 0) return false',
      replace: "if (this.#left.length === 0 || reason.code === 'HELLO_REFUSED') return false",
    },
  ],
  'a connection that outlives its age': [
    {
      file: 'server/src/connection-ages.ts',
      search: 'void connection.close()',
      replace: '',
    },
  ],
}
