import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { RivalQuestion, RivalReady } from '../../support/rival/messages.ts'
import type { Row } from '../../support/rival/row.ts'
import { benchmarksFolder } from '../bundle.ts'
import type { Pair, Program } from '../program-pair.ts'
import type { ProgramProcess } from '../program-process.ts'
import { buildPrograms } from './build-programs.ts'
import { bunProgram, type Entry, flagsOfBun } from './contestants.ts'
import { makeCertificate } from './make-certificate.ts'
import { packOurs } from './pack-ours.ts'

/** The programs of the comparison, after they are built. */
export interface RivalPrograms {
  /** Why a contestant cannot run on this machine: the reason that `doctor` gives for its back end. */
  missing(entry: Entry): string | undefined
  program(entry: Entry, row: Row, name?: string): Program
  /** @throws Error if a process uses packages of ours other than the packed ones, or another runtime */
  check(entry: Entry, pair: Pair): void
}

export async function buildRivals(
  entries: readonly Entry[],
  addon: Readonly<Record<string, string>>,
  folder = 'packed',
): Promise<RivalPrograms> {
  if (!existsSync(`${benchmarksFolder}node_modules/hdr-histogram-js`))
    throw new Error('The rivals are not installed. Run npm ci --ignore-scripts --prefix benchmarks.')
  const project = packOurs(folder)
  const backEnds = backEndsHere(project, addon)
  const ofTls = entries.some(({ isApart }) => isApart) ? makeCertificate(project) : {}
  const packed = pathToFileURL(`${project}/node_modules/@frameport/`).href
  const files = [...new Set(entries.map(({ file }) => file))]
  const fileOf = await buildPrograms(files, project, (file) => [
    `import { contestant } from './rivals/${file}.ts'`,
    `import { runRival } from './support/rival/program.ts'`,
    'await runRival(contestant)',
  ])
  return {
    missing: ({ variables }) => backEnds.get(variables.FRAMEPORT_BACKEND ?? ''),
    program: ({ name: plainName, file, variables, runtime }, row, name = plainName) => ({
      name,
      file: fileOf(file),
      variables: { NODE_ENV: 'production', ...addon, ...ofTls, ...variables },
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

/** The contestants that can run on this machine; for the others, the reason is printed. */
export function entriesHere(
  programs: RivalPrograms,
  entries: readonly Entry[],
  say: (text: string) => void,
): readonly Entry[] {
  return entries.filter((entry) => {
    const missing = programs.missing(entry)
    if (missing !== undefined) say(`${entry.name} is left out: ${missing}.`)
    return missing === undefined
  })
}

export const askRival = <T>(process: ProgramProcess, question: RivalQuestion): Promise<T> =>
  process.ask(question) as Promise<T>

interface Diagnosis {
  readonly backends: readonly {
    readonly backend: string
    readonly available: boolean
    readonly reason?: string
  }[]
}

/** The contestants that do not work on this machine, with the reason. */
function backEndsHere(project: string, addon: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  const doctor = join(project, 'node_modules/.bin/iocp-core')
  const said = execFileSync(process.execPath, [doctor, 'doctor', '--json'], {
    encoding: 'utf8',
    env: { ...process.env, ...addon },
  })
  const { backends } = JSON.parse(said) as Diagnosis
  return new Map(
    backends
      .filter(({ available }) => !available)
      .map(({ backend, reason }) => [backend, reason ?? 'it does not work here']),
  )
}
