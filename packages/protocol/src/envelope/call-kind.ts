/** How a call is answered: with one result, or with items. */
export type CallKind = 'unary' | 'server-stream'
