export type * from './client-types.ts'
export { safe } from './safe.ts'
