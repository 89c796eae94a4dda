import type { Client, CreateClientOptions, ServerDifference } from '@frameport/client'
import { type Contract, type ContractEvent, contract, procedure, RpcError } from '@frameport/protocol'
import { type Implementation, implement, type Server, type ServerConnection } from '@frameport/server'
import { expect } from 'vitest'
import { startedPair } from '../started-pair.ts'
import type { Meeting, Said, State } from './change.ts'

export function contractOf({ p, e }: State): Contract {
  return contract('evolving', {
    version: 1,
    procedures: { nothing: procedure({}), ...(p === undefined ? {} : { p }) },
    ...(e === undefined ? {} : { events: { e } }),
  })
}

/** All members of a client and of handlers, for any contract. */
interface AnyClient {
  nothing(): Promise<void>
  /** Takes the input, or the items of an upload. */
  p(given?: unknown): Promise<unknown> & AsyncIterable<unknown>
  $on(name: string, listener: (payload: unknown) => void): { readonly subscribed: Promise<void> }
}
interface AnyCall {
  readonly input: unknown
  readonly upload?: AsyncIterable<unknown>
  readonly connection: ServerConnection
  readonly publish: Server['publish']
  readonly errors: Readonly<Record<string, (data: unknown) => Error>>
}

/** Returns what a client in one state experiences with a server in another state. */
export async function meet(
  own: State,
  other: State,
): Promise<Omit<Meeting, 'outcome'> & { readonly said: Said }> {
  let handlerGot: unknown
  const errors: RpcError[] = []
  const served = contractOf(other)
  const implementation = implement(served).handlers(
    handlersOf(other, served.events.e as ContractEvent | undefined, (input) => {
      handlerGot = input
    }) as never,
  ) as Implementation<object>
  let found: readonly ServerDifference[] = []
  const options: CreateClientOptions = {
    onInvalidEvent: (error) => errors.push(error),
    onSubscribeFailed: () => undefined,
    onContractDifferences: (differences) => {
      found = differences
    },
  }
  const pair = await startedPair(contractOf(own), implementation, {
    server: { authorizeSubscribe: () => true } as never,
    client: options,
  })
  const client = pair.client as unknown as AnyClient & Client<Contract>
  let clientGot: unknown
  try {
    if (own.e !== undefined) {
      const { subscribed } = client.$on('e', (payload) => {
        clientGot = payload
      })
      await pair.run(subscribed)
    }
    await pair.run(client.nothing())
    if (own.p !== undefined) clientGot = await pair.run(called(client, own))
  } catch (error) {
    errors.push(error as RpcError)
  }
  await pair.clock.settle()
  expect(await pair.run(client.$connection.differences())).toEqual(found)
  await pair.close()
  const failure = errors.find((error) => RpcError.is(error))
  const differences = found.map(({ place, outcome }) => (place === '' ? outcome : `${place} ${outcome}`))
  const said = failure === undefined ? { differences } : { differences, text: failure.message }
  return { handlerGot, clientGot, said, ...(failure === undefined ? {} : { code: failure.code }) }
}

async function called(client: AnyClient, { p, give }: State): Promise<unknown> {
  const given = p?.upload === undefined ? give : [give]
  if (p?.items === undefined) return client.p(given)
  for await (const item of client.p(given)) return item
  return undefined
}

function handlersOf(
  { p, answer, fail }: State,
  event: ContractEvent | undefined,
  got: (input: unknown) => void,
): Record<string, unknown> {
  const nothing = ({ connection, publish }: AnyCall) => {
    if (event === undefined) return
    if (event.subscribe === 'handlers') connection.subscribe(event)
    publish(event, answer)
  }
  if (p === undefined) return { nothing }
  const answered = ({ input, errors }: AnyCall) => {
    got(input)
    if (fail !== undefined) throw errors[fail[0]]?.(fail[1])
    return answer
  }
  const first = async (call: AnyCall) => {
    for await (const input of call.upload ?? []) return answered({ ...call, input })
    return undefined
  }
  const once = p.upload === undefined ? answered : first
  async function* items(call: AnyCall) {
    yield await once(call)
  }
  return { nothing, p: p.items === undefined ? once : items }
}
