import { existsSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import type { RivalQuestion, RivalReady } from '../../support/rival/messages.ts'
import type { Row } from '../../support/rival/row.ts'
import { benchmarksFolder } from '../bundle.ts'
import type { Pair, Program } from '../program-pair.ts'
import type { ProgramProcess } from '../program-process.ts'
import { buildPrograms } from './build-programs.ts'
import { bunProgram, type Entry } from './contestants.ts'
import { packOurs } from './pack-ours.ts'

/** The programs of the comparison, once they are built. */
export interface RivalPrograms {
  program(entry: Entry, row: Row, name?: string): Program
  /** @throws Error when a process took other packages of ours than the packed ones, or another runtime */
  check(entry: Entry, pair: Pair): void
}

const flagsOfBun = ['--no-install']

export async function buildRivals(
  entries: readonly Entry[],
  addon: Readonly<Record<string, string>>,
): Promise<RivalPrograms> {
  if (!existsSync(`${benchmarksFolder}node_modules/hdr-histogram-js`))
    throw new Error('The rivals are not installed. Run npm ci --ignore-scripts --prefix benchmarks.')
  const project = packOurs()
  const packed = pathToFileURL(`${project}/node_modules/@frameport/`).href
  const fileOf = await buildPrograms([...new Set(entries.map(({ file }) => file))], project)
  return {
    program: ({ name: plainName, file, variables, runtime }, row, name = plainName) => ({
      name,
      file: fileOf(file),
      variables: { NODE_ENV: 'production', ...addon, ...variables },
      clientArgs: [JSON.stringify(row)],
      folder: benchmarksFolder,
      ...(runtime === 'bun' ? { command: [bunProgram(), ...flagsOfBun] } : {}),
    }),
    check({ name, runtime, kinds }, { server, client }) {
      const able = (client.ready as RivalReady).kinds?.join()
      if (able !== kinds.join()) throw new Error(`${name} is said to have ${kinds.join()}, and has ${able}.`)
      for (const ready of [server.ready, client.ready] as RivalReady[]) {
        if (!ready.ours.startsWith(packed))
          throw new Error(`${name} took ${ready.ours}, and not what is installed in ${packed}.`)
        if (ready.runtime.startsWith('Bun') !== (runtime === 'bun'))
          throw new Error(`${name} ran under ${ready.runtime}.`)
      }
    },
  }
}

export const askRival = <T>(process: ProgramProcess, question: RivalQuestion): Promise<T> =>
  process.ask(question) as Promise<T>
