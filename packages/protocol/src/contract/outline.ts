import type { Contract } from './contract.ts'
import { contractLimits } from './contract-limits.ts'
import { describeSchema } from './fingerprint.ts'
import { jsonSchemaOf } from './json-schema.ts'
import { type OutlinePlaces, placesOf } from './outline-places.ts'
import { bodyKindOf } from './parse-with.ts'
import type { Schema } from './schema.ts'
import { shortHash } from './short-hash.ts'

/**
 * The hash of each place of a procedure or an event, by `input.nick?`, `output.age`, `errors.GONE`, `payload`. A
 * member comes after the object that contains it.
 */
export type Outline = Readonly<Record<string, string>>

/** The outlines of a contract. Comparing them with those of another state finds the members that differ. */
export interface ContractOutlines {
  /** The outlines of the procedures by path. */
  readonly procedures: Readonly<Record<string, Outline>>
  /** The outlines of the procedures of clients by path. */
  readonly clientProcedures: Readonly<Record<string, Outline>>
  /** The outlines of the events by name. */
  readonly events: Readonly<Record<string, Outline>>
}

const made = new WeakMap<Contract, ContractOutlines>()

/**
 * Returns the outlines of a contract. They are made at the first call, because only contracts that differ need them.
 * `contractLimits` bounds them: a part that is too large has one hash as a whole.
 */
export function outlinesOf(contract: Contract): ContractOutlines {
  const present = made.get(contract)
  if (present !== undefined) return present
  const outlines = new Outliner(contract).outlines()
  made.set(contract, outlines)
  return outlines
}

class Outliner {
  readonly #contract: Contract
  #placesLeft = contractLimits.outlinePlacesPerContractMax

  constructor(contract: Contract) {
    this.#contract = contract
  }

  outlines(): ContractOutlines {
    const { procedureEntries, clientProcedureEntries, eventEntries } = this.#contract
    const procedures = this.#procedures(procedureEntries)
    const events = [...eventEntries].map(
      ([name, { payload, topic }]) =>
        [
          name,
          this.#outline([
            ['payload', payload],
            ['topic', topic],
          ]),
        ] as const,
    )
    const clientProcedures = this.#procedures(clientProcedureEntries)
    return Object.freeze({ procedures, clientProcedures, events: frozen(events) })
  }

  #procedures(entries: Contract['procedureEntries']): Readonly<Record<string, Outline>> {
    const outlines = [...entries].map(([path, { procedure }]) => {
      const { input, output, items, errors, upload } = procedure
      const answer: [string, Schema | undefined] = items === undefined ? ['output', output] : ['items', items]
      const own = Object.entries(errors).map(([code, schema]) => [`errors.${code}`, schema] as const)
      const given: [string, Schema | undefined][] = [['input', input]]
      if (upload !== undefined) given.push(['upload', upload])
      return [path, this.#outline([...given, answer, ...own])] as const
    })
    return frozen(outlines)
  }

  #outline(parts: readonly (readonly [name: string, schema: Schema | undefined])[]): Outline {
    return frozen(parts.flatMap(([name, schema]) => this.#places(name, schema)))
  }

  #places(part: string, schema: Schema | undefined): OutlinePlaces {
    const { version: contractVersion, toJsonSchema } = this.#contract
    const jsonSchema =
      schema !== undefined && bodyKindOf(schema) === 'value' ? jsonSchemaOf(schema, toJsonSchema) : undefined
    const places = jsonSchema === undefined ? undefined : placesOf(part, jsonSchema, this.#placesLeft)
    if (places !== undefined) {
      this.#placesLeft -= places.length
      return places
    }
    return [[`${part}*`, shortHash(describeSchema(schema, { contractVersion, toJsonSchema }))]]
  }
}

function frozen<Value>(entries: Iterable<readonly [string, Value]>): Readonly<Record<string, Value>> {
  return Object.freeze(Object.fromEntries(entries))
}
