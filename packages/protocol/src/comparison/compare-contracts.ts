import { checkContract } from '../contract/check-contract.ts'
import type { Contract } from '../contract/contract.ts'
import { invalidContract } from '../contract/names.ts'
import { compareClientProcedures, compareEvents, compareProcedures, type Sides } from './compare-members.ts'
import type { Outcome } from './finding.ts'

/**
 * The effect of one difference between two states of a contract, on one of the two pairs of client and server that a
 * deployment has.
 */
export interface ContractDifference {
  /** `old`: a client of the old state with a server of the new one. `new`: the reverse. */
  readonly client: 'old' | 'new'
  /** What happens: the call or value `fails`, `loses` a part, or the effect is `unknown`. */
  readonly outcome: Outcome
  /**
   * The path of the procedure or the name of the event: `files.put`, `clientProcedures.ask`, `line`. Empty for the
   * contract as a whole.
   */
  readonly member: string
  /**
   * The place in the member, in the form of `differences()` of a client: `input.nick`, `input."a.b"`,
   * `output.rows.[].age`, `output.pair.[0]`, `errors.GONE`, `payload`. Empty for the member as a whole.
   */
  readonly place: string
  /** The difference for people: `is required there, and may be missing`. */
  readonly text: string
}

/**
 * Compares two states of one contract: what happens between an old client and a new server, and between a new client
 * and an old server. Nothing is returned for what works, which most additive changes do.
 *
 * - `fails`: the other side refuses values that may be sent, or does not have the procedure
 * - `loses`: it works, but something is dropped or arrives without its type
 * - `unknown`: a schema has no JSON Schema, or has rules that JSON Schema does not compare
 *
 * Inputs go from client to server. Outputs, items, payloads and the data of errors go the other way, and those of
 * `clientProcedures` in reverse. As in fingerprints, refinements and transforms are not compared.
 *
 * @example
 * const breaking = compareContracts(released, current).filter(({ outcome }) => outcome === 'fails')
 * @throws ProtocolError INVALID_CONTRACT for a value that is not a contract, and for contracts with different names
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
