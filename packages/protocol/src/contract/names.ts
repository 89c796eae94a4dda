import { ProtocolError } from '../protocol-error.ts'
import { isStandardCode } from '../standard-codes.ts'
import { contractLimits } from './contract-limits.ts'

/** Names that JavaScript or `await` looks up by itself on every object, with what would go wrong. */
const reservedNames: ReadonlyMap<string, string> = new Map([
  ['then', '`await client` would call it'],
  ['constructor', 'every object has one already'],
  ['prototype', 'every function has one already'],
  ['__proto__', 'it would replace the prototype'],
  ['toJSON', 'JSON.stringify would call it'],
])

const namePattern = /^[\p{ID_Start}_][\p{ID_Continue}]*$/u
const contractNamePattern = /^[A-Za-z_][A-Za-z0-9_-]*$/
const errorCodePattern = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*$/

const { nameLengthMax } = contractLimits

export function invalidContract(text: string, options?: { readonly cause?: unknown }): ProtocolError {
  return new ProtocolError('INVALID_CONTRACT', text, options)
}

/** @throws ProtocolError INVALID_CONTRACT */
export function checkContractName(name: unknown): void {
  if (typeof name !== 'string' || !contractNamePattern.test(name) || name.length > nameLengthMax) {
    throw invalidContract(
      `The contract name ${quote(name)} is not valid. ` +
        `Use a letter, then letters, digits, - and _, at most ${nameLengthMax} characters.`,
    )
  }
}

/** @throws ProtocolError INVALID_CONTRACT for a name that cannot be a member of a client. */
export function checkMemberName(name: string, what: 'procedure' | 'group' | 'event', place: string): void {
  const refuse = (why: string) => {
    throw invalidContract(`The ${what} ${quote(name)} in ${place} cannot have this name: ${why}`)
  }
  if (name === '') refuse('it is empty.')
  if (name.length > nameLengthMax)
    refuse(`it has ${name.length} characters, and the limit is ${nameLengthMax}.`)
  if (name.includes('.')) refuse('a dot separates the levels of a path. Use a group instead.')
  if (name.includes('/')) refuse('a slash separates the contract from the path. Use a group instead.')
  if (name.startsWith('$')) refuse('names that begin with $ belong to the client ($on, $close).')
  const reserved = reservedNames.get(name)
  if (reserved !== undefined) refuse(`${reserved}. Choose another name.`)
  if (!namePattern.test(name))
    refuse('it is not an identifier. Use letters, digits and _, not a digit first.')
}

/** @throws ProtocolError INVALID_CONTRACT */
export function checkErrorCode(code: string, place: string): void {
  if (!errorCodePattern.test(code) || code.length > nameLengthMax) {
    throw invalidContract(
      `The error code ${quote(code)} of ${place} is not in UPPER_SNAKE with at most ${nameLengthMax} characters ` +
        '(like NAME_TAKEN).',
    )
  }
  if (isStandardCode(code)) {
    throw invalidContract(
      `The error code ${code} of ${place} is one of the standard codes, which every call can fail with: ` +
        'throw an RpcError with it without declaring it, or use a more specific code.',
    )
  }
}

function quote(name: unknown): string {
  return typeof name === 'string' ? JSON.stringify(name.slice(0, nameLengthMax + 1)) : `(${typeof name})`
}
