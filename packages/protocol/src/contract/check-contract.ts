import { describeValue } from '../checks/check-value.ts'
import type { Contract } from './contract.ts'
import { invalidContract } from './names.ts'

/**
 * Checks that `value` was made by `contract()`.
 *
 * @param taker the function that needs it, for the text of the error: `createClient`
 * @throws ProtocolError INVALID_CONTRACT
 */
export function checkContract(value: unknown, taker: string): void {
  const { kind, procedureEntries, eventEntries } = (value ?? {}) as Partial<Contract>
  if (kind === 'contract' && procedureEntries !== undefined && eventEntries !== undefined) return
  throw invalidContract(
    `${taker} needs a contract, not ${describeValue(value)}: make it with contract(name, { version, procedures }).`,
  )
}
