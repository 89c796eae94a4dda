import { checkContract } from '../contract/check-contract.ts'
import type { Contract } from '../contract/contract.ts'
import { invalidContract } from '../contract/names.ts'
import { compareClientProcedures, compareEvents, compareProcedures, type Sides } from './compare-members.ts'
import type { Outcome } from './finding.ts'

/** What a difference between two states of a contract does to one of the two pairs that a deploy makes of them. */
export interface ContractDifference {
  /** `old`: a client of the old state with a server of the new one; `new`: the reverse. */
  readonly client: 'old' | 'new'
  readonly outcome: Outcome
  /** The procedure by its path, or the event by its name: `files.put`, `clientProcedures.ask`, `line`. Empty for the contract as a whole. */
  readonly member: string
  /**
   * Where in it, as `differences()` of a client says it: `input.nick`, `input."a.b"`, `output.rows.[].age`, `output.pair.[0]`, `errors.GONE`,
   * `payload`. Empty for the member as a whole.
   */
  readonly place: string
  /** For people: `is required there, and may be missing`. */
  readonly text: string
}

/**
 * What a client and a server of two states of one contract, an old and a new one, do to each other. Nothing is returned
 * for what works: additive changes, mostly.
 *
 * - `fails`: what may be sent is refused by the other side, or the procedure is not there
 * - `loses`: it works, and something is dropped on the way, or arrives without its type
 * - `unknown`: a schema has no JSON Schema, or rules that JSON Schema does not compare
 *
 * Inputs go from client to server; outputs, items, payloads and the data of errors the other way; those of `clientProcedures` in reverse. Refinements and transforms
 * are not seen, as in fingerprints.
 *
 * ```ts
 * const breaking = compareContracts(released, current).filter(({ outcome }) => outcome === 'fails')
 * ```
 *
 * @throws ProtocolError INVALID_CONTRACT for what is no contract, and for contracts of two names
 */
export function compareContracts(before: Contract, after: Contract): readonly ContractDifference[] {
  checkContract(before, 'compareContracts')
  checkContract(after, 'compareContracts')
  if (before.name !== after.name) {
    throw invalidContract(
      `compareContracts compares two states of one contract: these are ${before.name} and ${after.name}.`,
    )
  }
  const old: Sides = { client: before, server: after }
  const recent: Sides = { client: after, server: before }
  return [...differencesOf('old', old), ...differencesOf('new', recent)]
}

function differencesOf(client: 'old' | 'new', sides: Sides): readonly ContractDifference[] {
  const own = sides.client.version
  const other = sides.server.version
  const versions: readonly ContractDifference[] =
    own === other
      ? []
      : [
          {
            client,
            outcome: 'fails',
            member: '',
            place: '',
            text: `is version ${own}, and the server serves version ${other}: serve both until no old client is left`,
          },
        ]
  const found = [...compareProcedures(sides), ...compareClientProcedures(sides), ...compareEvents(sides)]
  return [...versions, ...found.map((one) => ({ client, ...one }))]
}
