import { join } from 'node:path'
import type { ScaleKind } from '../../support/scale/lot.ts'
import { benchmarksFolder } from '../bundle.ts'
import { buildPrograms } from '../comparison/build-programs.ts'
import { makeCertificate } from '../comparison/make-certificate.ts'
import type { Program } from '../program-pair.ts'

export interface ScaleContestant {
  readonly name: string
  readonly kind: ScaleKind
  readonly backEnd: string
}

const backEnds = ['io_uring', 'epoll', 'net']
const of = (kind: ScaleKind, backEnd: string, what: string): ScaleContestant => ({
  name: `${what}, ${backEnd}`,
  kind,
  backEnd,
})

/** The twin is the same program, a second time: it shows the effect of chance on this machine. */
export const scaleContestants: readonly ScaleContestant[] = [
  ...backEnds.map((backEnd) => of('port', backEnd, 'bare connection')),
  ...backEnds.map((backEnd) => of('session', backEnd, 'session')),
  { ...of('session', 'io_uring', 'session'), name: 'session, io_uring (twin)' },
  of('tls', 'io_uring', 'session over TLS'),
]

/** Programs against the builds of this checkout. */
export interface ScalePrograms {
  connections(contestant: ScaleContestant): Program
  readonly events: string
}

export async function buildScalePrograms(addon: Readonly<Record<string, string>>): Promise<ScalePrograms> {
  const folder = join(benchmarksFolder, 'build/scale')
  const fileOf = await buildPrograms(['connections', 'events'], folder, (file) =>
    file === 'events'
      ? [`await import('./scale/events.ts')`]
      : [
          `if (process.argv[2] === 'server') await import('./scale/connections-server.ts')`,
          `else await import('./scale/connections-client.ts')`,
        ],
  )
  const ofTls = makeCertificate(folder)
  return {
    connections: ({ name, kind, backEnd }) => ({
      name,
      file: fileOf('connections'),
      variables: {
        NODE_ENV: 'production',
        FRAMEPORT_BACKEND: backEnd,
        FRAMEPORT_SCALE_KIND: kind,
        ...addon,
        ...ofTls,
      },
    }),
    events: fileOf('events'),
  }
}
