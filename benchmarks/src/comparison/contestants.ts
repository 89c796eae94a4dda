import { join } from 'node:path'
import { type KindOfCall, kindsOfCall } from '../../support/rival/contestant.ts'
import { benchmarksFolder } from '../bundle.ts'

/** A contestant of `npm run bench:calls`. */
export interface Entry {
  /** The name for `--contestants`. */
  readonly key: string
  readonly name: string
  /** Its set-up: a file of `rivals/`. */
  readonly file: string
  /** In addition to NODE_ENV. */
  readonly variables: Readonly<Record<string, string>>
  /** Its npm packages. */
  readonly packages: readonly string[]
  readonly runtime: 'node' | 'bun'
  /** Its abilities; it takes part in the rows for these. */
  readonly kinds: readonly KindOfCall[]
  /** It takes part only if `--contestants` names it: it does more than the contestants of the table. */
  readonly isApart?: true
  /** Ours, a bound for comparison that users do not choose, or a rival. */
  readonly role: 'ours' | 'bound' | 'rival'
}

const plain = { variables: {}, packages: [], runtime: 'node', kinds: kindsOfCall, role: 'rival' } as const

const ours = (backEnd: string): Entry => ({
  ...plain,
  key: backEnd,
  name: `Frameport, ${backEnd}`,
  file: 'ours',
  variables: { FRAMEPORT_BACKEND: backEnd },
  role: 'ours',
})

const oursOverTls = (backEnd: string): Entry => ({
  ...ours(backEnd),
  key: `${backEnd}-tls`,
  name: `Frameport, ${backEnd}, TLS`,
  variables: { FRAMEPORT_BACKEND: backEnd, FRAMEPORT_BENCH_TLS: 'on' },
  isApart: true,
})

export const entries: readonly Entry[] = [
  ours('io_uring'),
  ours('epoll'),
  ours('net'),
  { ...plain, key: 'node-net', name: 'node:net by hand', file: 'node-net', role: 'bound' },
  {
    ...plain,
    key: 'bun',
    name: 'Bun.listen by hand',
    file: 'bun',
    packages: ['bun'],
    runtime: 'bun',
    role: 'bound',
  },
  {
    ...plain,
    key: 'nest',
    name: 'NestJS TCP',
    kinds: ['call', 'stream'],
    file: 'nest',
    packages: ['@nestjs/core', '@nestjs/microservices', 'rxjs'],
  },
  {
    ...plain,
    key: 'socket-io',
    name: 'Socket.IO',
    kinds: ['call', 'stream', 'subscribe'],
    file: 'socket-io',
    packages: ['socket.io', 'socket.io-client', 'ws', 'bufferutil'],
  },
  {
    ...plain,
    key: 'birpc',
    name: 'birpc over ws',
    kinds: ['call', 'subscribe'],
    file: 'birpc',
    packages: ['birpc', 'ws', 'bufferutil'],
  },
  {
    ...plain,
    key: 'trpc',
    name: 'tRPC over ws',
    kinds: ['call', 'stream', 'subscribe'],
    file: 'trpc',
    packages: ['@trpc/server', '@trpc/client', 'ws', 'bufferutil'],
  },
  {
    ...plain,
    key: 'capnweb',
    name: "Cap'n Web over ws",
    file: 'capnweb',
    packages: ['capnweb', 'ws', 'bufferutil'],
  },
  {
    ...plain,
    key: 'connect',
    name: 'Connect-ES, HTTP/2',
    file: 'connect',
    packages: ['@connectrpc/connect', '@connectrpc/connect-node', '@bufbuild/protobuf'],
  },
  {
    ...plain,
    key: 'grpc',
    name: 'grpc-js',
    file: 'grpc',
    packages: ['@grpc/grpc-js', '@grpc/proto-loader'],
  },
  oursOverTls('io_uring'),
  oursOverTls('epoll'),
  oursOverTls('net'),
  {
    ...plain,
    key: 'node-tls',
    name: 'node:tls by hand',
    file: 'node-tls',
    role: 'bound',
    isApart: true,
  },
]

/** Whether it does the work of rows of this kind: all do it for idle connections. */
export function takesPart({ kinds }: Entry, kind: KindOfCall | 'idle'): boolean {
  return kind === 'idle' || kinds.includes(kind)
}

/** A twin is the same program, a second time: it shows the effect of chance on this machine. */
export const twinOf = (name: string): string => `${name} (twin)`

/** Bun would fetch what it does not find. */
export const flagsOfBun: readonly string[] = ['--no-install']

/** Bun's program, which its package contains as a dependency: no script of an installation has to run. */
export function bunProgram(): string {
  return join(
    benchmarksFolder,
    `node_modules/@oven/bun-linux-${process.arch === 'arm64' ? 'aarch64' : 'x64'}/bin/bun`,
  )
}
