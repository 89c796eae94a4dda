export type * from './contract/connection.ts'
export type * from './contract/endpoint.ts'
export type * from './contract/port.ts'
