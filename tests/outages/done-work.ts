import type { Client } from '@frameport/client'
import type { Pace } from './pace.ts'
import type { work } from './work-contract.ts'

type Worker = Client<typeof work>

export const amounts = {
  calls: 1_000,
  callsAtOnce: 16,
  streams: 10,
  itemsOfStream: 100,
  uploads: 5,
  itemsOfUpload: 200,
  events: 1_000,
}

/** Makes all calls, some of them at the same time. @param before is awaited before each call */
export async function makeCalls(
  client: Worker,
  pace: Pace,
  before: (number: number) => Promise<void>,
): Promise<Map<number, number>> {
  const answers = new Map<number, number>()
  let next = 0
  const oneAfterTheOther = async () => {
    while (next < amounts.calls) {
      const number = next++
      await before(number)
      pace.step()
      answers.set(number, (await client.change({ number })).number)
    }
  }
  await Promise.all(Array.from({ length: amounts.callsAtOnce }, oneAfterTheOther))
  return answers
}

/** Reads one stream. @returns the numbers of its items, in order of arrival */
export async function readStream(client: Worker, number: number): Promise<number[]> {
  const items: number[] = []
  for await (const item of client.read({ number, items: amounts.itemsOfStream })) items.push(item.number)
  return items
}

/** Sends one upload, as fast as the other work proceeds. @returns the number of items that the server counted */
export async function writeUpload(client: Worker, pace: Pace, number: number): Promise<number> {
  const source = async function* () {
    for (let item = 0; item < amounts.itemsOfUpload; item++) {
      await pace.reach(item / amounts.itemsOfUpload)
      yield { number: item }
    }
  }
  const { items } = await client.write({ number }, source())
  return items
}

/** The numbers from 0 to below `count`. */
export const upTo = (count: number): number[] => Array.from({ length: count }, (_, number) => number)
