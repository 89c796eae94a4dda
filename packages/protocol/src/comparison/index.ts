export { type ContractDifference, compareContracts } from './compare-contracts.ts'
export type { Outcome } from './finding.ts'
