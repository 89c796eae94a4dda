import { type ErrorData, type Procedure, RpcError } from '@frameport/protocol'

/** `errors.NAME_TAKEN(data, text?)` in a handler: builds the typed error, to be thrown. */
export type ErrorConstructors<Data extends ErrorData> = {
  // Over all keys and not only the texts: so an editor gets from here to the contract, and can rename a code.
  readonly [Code in keyof Data]: undefined extends Data[Code]
    ? (data?: Data[Code], text?: string) => RpcError<Code & string, Data[Code]>
    : (data: Data[Code], text?: string) => RpcError<Code & string, Data[Code]>
}

/** The erased `errors` of a handler: one constructor for each own code. */
export type ErasedErrorConstructors = Readonly<Record<string, (data?: unknown, text?: string) => RpcError>>

/** Builds what a handler gets as `errors`. The text defaults to the code. */
export function errorConstructors(procedure: Procedure): ErasedErrorConstructors {
  const makers = Object.keys(procedure.errors).map((code) => [
    code,
    (data?: unknown, text: string = code) => new RpcError(code, text, { data }),
  ])
  return Object.freeze(Object.fromEntries(makers))
}
