import { type Contract, RpcError } from '@frameport/protocol'
import { isPlainObject } from '@frameport/protocol/checks'
import { describedContract } from '@frameport/protocol/contract'
import type { Body } from '@frameport/protocol/envelope'

/**
 * Answers `frameport/describe`: the fingerprints and outlines of one contract in one version.
 *
 * @throws RpcError INVALID_ARGUMENT, NOT_FOUND
 */
export function describeContract(contracts: readonly Contract[], input: Body): Body {
  const asked = input.kind === 'value' && isPlainObject(input.value) ? input.value : undefined
  if (asked === undefined || typeof asked.contract !== 'string' || typeof asked.version !== 'number') {
    throw new RpcError(
      'INVALID_ARGUMENT',
      'the input of frameport/describe is not valid: send {"contract": NAME, "version": NUMBER}',
    )
  }
  const { contract, version } = asked
  const found = contracts.find((served) => served.name === contract && served.version === version)
  if (found === undefined)
    throw new RpcError('NOT_FOUND', 'this server does not serve that contract in that version')
  return { kind: 'value', value: describedContract(found) }
}
