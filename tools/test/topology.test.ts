import { describe, expect, it } from 'vitest'
import { readRepositoryFile, repositoryFiles } from '../src/repository.ts'
import { importsOf, type Room, type Violation, violatedRule } from '../src/topology.ts'

/**
 * The direction of dependencies, as a literal, so that a change is a decision and not an accident. Future rooms may be
 * listed already, so that they get the right place.
 */
const rooms: Readonly<Record<string, Room>> = {
  framing: { folder: 'packages/framing/', rooms: [], packages: [], pure: true },
  // Listed before the package that contains it. A benchmark of the whole path reads frames, too.
  'iocp-core bench': {
    folder: 'packages/iocp-core/bench/',
    rooms: ['framing', 'iocp-core'],
    packages: ['ws', 'esbuild'],
    pure: false,
  },
  // Starts the build, or the sources in a clone without a build.
  'iocp-core bin': { folder: 'packages/iocp-core/bin/', rooms: [], packages: ['tsx'], pure: false },
  'iocp-core': {
    folder: 'packages/iocp-core/',
    // Packages that contain only an addon. They are written when a release is packed.
    rooms: ['iocp-core-linux-x64-gnu', 'iocp-core-linux-arm64-gnu', 'iocp-core-win32-x64'],
    packages: ['node-addon-api', 'node-api-headers'],
    pure: false,
  },
  protocol: {
    folder: 'packages/protocol/',
    rooms: ['framing'],
    packages: ['@standard-schema/spec'],
    pure: true,
  },
  client: {
    folder: 'packages/client/',
    rooms: ['framing', 'protocol', 'iocp-core'],
    packages: ['@standard-schema/spec'],
    pure: false,
  },
  server: {
    folder: 'packages/server/',
    rooms: ['framing', 'protocol', 'iocp-core'],
    // An optional peer dependency: only the entry for WebSockets imports it.
    packages: ['@standard-schema/spec', 'ws'],
    pure: false,
  },
  // Listed before the package that contains it. It combines client and server, which a program that imports the rest
  // need not have.
  'testing client': {
    folder: 'packages/testing/src/client/',
    rooms: ['testing', 'client', 'server', 'protocol'],
    packages: [],
    pure: true,
  },
  testing: { folder: 'packages/testing/', rooms: ['framing', 'protocol'], packages: [], pure: true },
  'broker-nats': {
    folder: 'packages/broker-nats/',
    rooms: ['server', 'protocol', 'framing'],
    packages: ['@nats-io/transport-node', '@nats-io/jetstream'],
    pure: false,
  },
  'log-sqlite': {
    folder: 'packages/log-sqlite/',
    rooms: ['server', 'protocol'],
    // SQLite, and tsx, which runs the sources of a clone in a thread.
    packages: ['libsql', 'tsx'],
    pure: false,
  },
  gateway: {
    folder: 'packages/gateway/',
    rooms: ['client', 'server', 'protocol', 'framing', 'iocp-core'],
    packages: ['@standard-schema/spec'],
    pure: false,
  },
  demo: {
    folder: 'apps/demo/',
    rooms: ['client', 'server', 'protocol', 'framing', 'iocp-core', 'broker-nats', 'log-sqlite'],
    packages: [
      ...['commander', 'picocolors', 'pino', 'pino-pretty', 'string-width', 'zod'],
      // For the page, which is bundled when the server starts, and served with its WebSockets.
      ...['@noble/hashes', 'esbuild', 'ws'],
      // Worker threads run the sources with it.
      'tsx',
    ],
    pure: false,
  },
  // Client and server together: tests only, and nothing depends on it.
  scenarios: {
    folder: 'tests/scenarios/',
    rooms: ['client', 'server', 'protocol', 'framing', 'iocp-core', 'testing'],
    packages: [],
    pure: false,
  },
  // Servers that share events, over every kind of bus and log: tests only, and nothing depends on it.
  brokers: {
    folder: 'tests/brokers/',
    rooms: ['client', 'server', 'protocol', 'testing', 'broker-nats', 'log-sqlite'],
    packages: [],
    pure: false,
  },
  // Whole clients and servers on random networks: tests only, and nothing depends on it.
  network: {
    folder: 'tests/network/',
    rooms: ['client', 'server', 'protocol', 'testing'],
    packages: [],
    pure: false,
  },
  // Clients and servers on real sockets, in real processes that break: tests only, and nothing depends on it.
  outages: {
    folder: 'tests/outages/',
    rooms: ['client', 'server', 'protocol', 'iocp-core'],
    packages: [],
    pure: false,
  },
  // Hostile peers against a server and against clients: tests only, and nothing depends on it.
  attack: {
    folder: 'tests/attack/',
    rooms: ['client', 'server', 'protocol', 'framing', 'iocp-core'],
    packages: [],
    pure: false,
  },
  // Client and server against the implementation in Python: tests only, and nothing depends on it.
  interop: {
    folder: 'tests/interop/',
    rooms: ['client', 'server', 'protocol', 'framing', 'iocp-core'],
    packages: [],
    pure: false,
  },
  // The types in editors and compilers: tests only, and nothing depends on it.
  types: {
    folder: 'tests/types/',
    rooms: ['client', 'server', 'protocol'],
    packages: [],
    pure: false,
  },
  // Programs of users that combine several packages. The scenarios use those in transports/, too.
  examples: {
    folder: 'examples/',
    rooms: ['client', 'server', 'protocol', 'framing', 'testing'],
    // The most common logger and WebSockets, for one example each.
    packages: ['zod', 'pino', 'ws'],
    pure: false,
  },
  // Used by the tests of every room. It imports no room, so that the tests of rooms stay independent, too. Threads of
  // tests run TypeScript with tsx.
  'test support': { folder: 'tests/support/', rooms: [], packages: ['tsx'], pure: false },
  benchmarks: {
    folder: 'benchmarks/',
    rooms: ['client', 'server', 'protocol', 'framing', 'iocp-core', 'testing', 'broker-nats', 'log-sqlite'],
    // A separate project: the packages after esbuild are in its own lock file.
    packages: [
      'esbuild',
      '@bufbuild/protobuf',
      '@connectrpc/connect',
      '@connectrpc/connect-node',
      '@grpc/grpc-js',
      '@grpc/proto-loader',
      '@nestjs/common',
      '@nestjs/core',
      '@nestjs/microservices',
      '@trpc/client',
      '@trpc/server',
      'birpc',
      'capnweb',
      'hdr-histogram-js',
      'reflect-metadata',
      'rxjs',
      'socket.io',
      'socket.io-client',
      'vega',
      'vega-lite',
      'ws',
    ],
    pure: false,
  },
  // A separate project, too: it installs the published packages, and its program uses them.
  consumers: {
    folder: 'consumers/',
    rooms: ['client', 'server', 'protocol'],
    packages: ['@rollup/plugin-node-resolve', 'esbuild', 'rollup', 'verdaccio', 'vite', 'webpack', 'zod'],
    pure: false,
  },
  // The documentation is also a separate project: it reads files of all rooms, and imports none of them.
  site: {
    folder: 'site/',
    rooms: [],
    packages: ['github-slugger', 'typedoc', 'typedoc-plugin-markdown', 'vitepress', 'vue'],
    pure: false,
  },
  // The last separate project: it imports no room, and mutates the sources of all. The tools that run the tests are in
  // the main lock file.
  mutation: {
    folder: 'mutation/',
    rooms: [],
    packages: [
      '@stryker-mutator/api',
      '@stryker-mutator/core',
      '@vitest/expect',
      '@vitest/spy',
      'chai',
      'esbuild',
      'fast-check',
      'tinyglobby',
    ],
    pure: false,
  },
}

/** The rooms that tests and examples of a room may also use: the in-memory pair, and each other's public entries. */
const alsoInTests: Readonly<Record<string, readonly string[]>> = {
  protocol: ['testing'],
  client: ['testing', 'server'],
  server: ['client'],
  testing: ['client', 'server'],
  // For its example.
  'broker-nats': ['client'],
}

function effectiveRooms(file: string): Readonly<Record<string, Room>> {
  const name = Object.keys(rooms).find((candidate) => file.startsWith(rooms[candidate]?.folder ?? '\0'))
  const room = name === undefined ? undefined : rooms[name]
  if (name === undefined || room === undefined || file.startsWith(`${room.folder}src/`)) return rooms
  return { ...rooms, [name]: { ...room, rooms: [...room.rooms, ...(alsoInTests[name] ?? [])] } }
}

function violationsIn(file: string, text: string): Violation[] {
  return importsOf(file, text).flatMap((imported) => {
    const rule = violatedRule(effectiveRooms(file), imported)
    return rule === undefined ? [] : [{ ...imported, rule }]
  })
}

const sources = repositoryFiles().filter((file) => /\.(ts|tsx|mts|mjs)$/.test(file))

describe('the direction of dependencies', () => {
  it('covers every workspace package', () => {
    const folders = repositoryFiles()
      .filter((file) => /^(packages|apps|tests)\/[^/]+\/package\.json$/.test(file))
      .map((file) => file.slice(0, -'package.json'.length))
    const known = Object.values(rooms).map((room) => room.folder)
    expect(folders.filter((folder) => !known.includes(folder))).toEqual([])
    expect(folders.length).toBeGreaterThanOrEqual(8)
  })

  it('is followed by every import in the tree', () => {
    expect(sources.length).toBeGreaterThan(20)
    expect(sources.flatMap((file) => violationsIn(file, readRepositoryFile(file)))).toEqual([])
  })

  it('is followed by the dependencies that each package declares', () => {
    for (const [name, room] of Object.entries(rooms)) {
      const manifest = `${room.folder}package.json`
      if (!repositoryFiles().includes(manifest)) continue
      const declared = Object.keys(
        (JSON.parse(readRepositoryFile(manifest)) as { dependencies?: object }).dependencies ?? {},
      )
      const allowed = [...room.packages, ...room.rooms.map((target) => `@frameport/${target}`)]
      expect(
        declared.filter((dependency) => !allowed.includes(dependency)),
        name,
      ).toEqual([])
    }
  })

  it('requires client and server only where a program has them: testing works without', () => {
    const { peerDependencies, peerDependenciesMeta } = JSON.parse(
      readRepositoryFile('packages/testing/package.json'),
    ) as { peerDependencies: object; peerDependenciesMeta: object }
    expect(Object.keys(peerDependencies)).toEqual(['@frameport/client', '@frameport/server'])
    expect(peerDependenciesMeta).toEqual({
      '@frameport/client': { optional: true },
      '@frameport/server': { optional: true },
    })
  })

  it('lets only the loader load the addon', () => {
    const loaders = sources.filter(
      (file) =>
        file.startsWith('packages/') &&
        file.includes('/src/') &&
        /\.node['"`]/.test(readRepositoryFile(file)),
    )
    expect(loaders).toEqual(['packages/iocp-core/src/native/load-addon.ts'])
  })

  it.each([
    ['packages/client/src/x.ts', '@frameport/server', 'client may not import server'],
    ['packages/server/src/x.ts', '@frameport/client', 'server may not import client'],
    ['packages/server/src/x.ts', '@frameport/server', 'server may not import itself by its name'],
    ['packages/iocp-core/src/x.ts', '@frameport/framing', 'iocp-core may not import framing'],
    ['packages/iocp-core/test/x.ts', '@frameport/framing', 'iocp-core may not import framing'],
    ['packages/protocol/src/x.ts', 'node:crypto', 'protocol is pure and may not use node: modules'],
    ['packages/framing/src/x.ts', 'zod', 'framing may not use the package zod'],
    ['packages/client/src/x.ts', '../../protocol/src/index.ts', "client reaches into another room's files"],
    ['packages/protocol/src/x.ts', '@frameport/testing', 'protocol may not import testing'],
    ['packages/testing/src/x.ts', '@frameport/server', 'testing may not import server'],
    ['packages/testing/src/x.ts', './client/y.ts', "testing reaches into another room's files"],
    ['packages/testing/src/client/x.ts', '../y.ts', "testing client reaches into another room's files"],
    ['packages/testing/src/client/x.ts', '@frameport/iocp-core', 'testing client may not import iocp-core'],
    ['packages/testing/src/client/x.ts', 'node:net', 'testing client is pure and may not use node: modules'],
    ['packages/testing/src/client/x.ts', 'zod', 'testing client may not use the package zod'],
    ['packages/framing/src/x.ts', '../../../tests/support/x.ts', "framing reaches into another room's files"],
    [
      'packages/framing/test/x.ts',
      '../../../tests/scenarios/x.ts',
      "framing reaches into another room's files",
    ],
    ['tests/support/x.ts', '@frameport/framing', 'test support may not import framing'],
    ['tests/scenarios/x.ts', '../../packages/server/src/x.ts', "scenarios reaches into another room's files"],
    ['packages/server/test/x.ts', '@frameport/testing', 'server may not import testing'],
    ['apps/demo/src/x.ts', 'chalk', 'demo may not use the package chalk'],
    ['packages/server/src/x.ts', 'net', 'Node modules carry the node: prefix'],
  ])('refuses %s importing %s', (file, specifier, rule) => {
    expect(violationsIn(file, `import '${specifier}'`)).toEqual([{ file, specifier, rule }])
  })

  it.each([
    ['packages/client/src/x.ts', '@frameport/protocol'],
    ['packages/client/src/x.ts', './y.ts'],
    ['packages/client/test/x.test.ts', '@frameport/testing'],
    ['packages/protocol/test/x.test.ts', '@frameport/testing'],
    ['packages/framing/test/x.test.ts', 'fast-check'],
    ['packages/framing/test/x.test.ts', '../../../tests/support/y.ts'],
    ['tests/scenarios/x.test.ts', '../support/y.ts'],
    ['packages/framing/vitest.config.ts', '../../vitest.base.ts'],
    ['packages/broker-nats/src/x.ts', '@frameport/server'],
    ['packages/testing/src/client/x.ts', '@frameport/server'],
    ['packages/testing/src/client/x.ts', '@frameport/testing'],
    ['packages/testing/src/client/x.ts', './y.ts'],
    ['packages/testing/test/x.test.ts', '../src/client/y.ts'],
    ['tests/scenarios/x.test.ts', '@frameport/protocol/envelope'],
  ])('allows %s importing %s', (file, specifier) => {
    expect(violationsIn(file, `export * from '${specifier}'`)).toEqual([])
  })
})
