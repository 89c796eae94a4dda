import { describe, expect, it } from 'vitest'
import { absentBase, absentFolders, type Layers, rootFolder, violatedLayer } from '../src/folder-layers.ts'
import { readRepositoryFile, repositoryFiles } from '../src/repository.ts'
import { importsOf, type Violation } from '../src/topology.ts'

/**
 * The direction of imports inside packages, and of includes in the native sources, as a literal. A folder may import
 * the folders that are listed for it, and nothing else of its package. Future folders may be listed already.
 */
const packages: Readonly<Record<string, Layers>> = {
  'iocp-core': {
    sources: 'packages/iocp-core/src/',
    base: ['errno-to-code.ts', 'error-codes.ts', 'iocp-error.ts', 'limits.ts'],
    folders: {
      arguments: [],
      platform: [],
      endpoint: ['arguments'],
      contract: ['endpoint'],
      memory: ['arguments', 'contract'],
      diagnosis: ['contract'],
      // Drivers know neither each other nor the core above them. Only the files at the root choose.
      net: ['contract', 'endpoint', 'memory', 'platform'],
      native: ['contract', 'diagnosis', 'endpoint', 'memory', 'platform'],
      core: ['arguments', 'contract', 'endpoint', 'memory', 'platform'],
      duplex: ['contract', 'platform'],
      // Works on connections of any driver, and knows none of them.
      tls: ['arguments', 'contract', 'core', 'duplex', 'endpoint', 'memory', 'platform'],
      doctor: ['contract', 'diagnosis', 'native', 'platform', rootFolder],
    },
  },
  // The differences between systems are below the back ends, which know neither each other nor the engine above.
  native: {
    sources: 'packages/iocp-core/native/',
    base: [],
    root: ['base', 'seams'], // port.h, the contract
    folders: {
      base: [],
      seams: [],
      os: ['base', 'seams', rootFolder],
      'os/linux': ['base', 'seams', 'os', rootFolder],
      'os/windows': ['base', 'seams', 'os', rootFolder],
      engine: ['base', 'seams', rootFolder],
      'backends/common': ['base', 'seams', rootFolder],
      'backends/unsupported': [rootFolder],
      'backends/epoll': ['base', 'seams', 'os', 'os/linux', 'backends/common', rootFolder],
      'backends/io_uring': ['base', 'seams', 'os', 'os/linux', 'backends/common', rootFolder],
      'backends/iocp': ['base', 'seams', 'os', 'os/windows', 'backends/common', rootFolder],
      // The list of back ends: the only place that depends on the system.
      backends: ['backends/unsupported', 'backends/epoll', 'backends/io_uring', 'backends/iocp', rootFolder],
      binding: ['base', 'seams', 'os', 'engine', 'backends', rootFolder],
      // Builds for tests replace files of the other folders, which do not know of them.
      variants: ['base', 'seams', 'engine', 'backends/io_uring', 'binding', rootFolder],
    },
  },
  framing: {
    sources: 'packages/framing/src/',
    base: ['brand.ts', 'error-codes.ts', 'framing-error.ts', 'limits.ts'],
    folders: {
      support: [],
      codec: ['support'],
      channel: ['support', 'codec'],
      pull: ['support', 'codec', 'channel'],
      'web-socket': ['support', 'codec', 'channel'],
    },
  },
  // The files at the root are the entry and the errors, which every folder may import.
  protocol: {
    sources: 'packages/protocol/src/',
    folders: {
      checks: [],
      envelope: ['checks'],
      contract: ['checks', 'envelope'],
      // The comparison of two contracts. No code that runs calls uses it.
      comparison: ['checks', 'contract'],
      'session/common': ['checks', 'envelope'],
      'session/flow': ['checks', 'envelope', 'session/common'],
      // A link knows no calls, and calls know no link.
      'session/link': ['checks', 'envelope', 'session/common', 'session/flow'],
      'session/calls': ['checks', 'envelope', 'session/common', 'session/flow'],
      'session/events': ['checks', 'envelope', 'session/common', 'session/flow'],
      // The parts that outlive a link.
      'session/resume': ['checks', 'envelope', 'session/common', 'session/link'],
      session: [
        'checks',
        'envelope',
        'session/common',
        'session/flow',
        'session/link',
        'session/calls',
        'session/events',
        'session/resume',
      ],
      // The code for both sides of a typed call. It knows only the types of the session.
      calling: ['checks', 'envelope', 'contract', 'session/common'],
      serving: ['checks', 'envelope', 'contract', 'session/common'],
    },
  },
  client: {
    sources: 'packages/client/src/',
    base: [
      'any-client-options.ts',
      'check-options.ts',
      'client-error.ts',
      'client-handlers.ts',
      'client-options.ts',
      'credentials-types.ts',
      'diagnostics-types.ts',
      'client-transport.ts',
      'client-types.ts',
      'connector.ts',
      'error-codes.ts',
      'limits.ts',
      'reconnect-options.ts',
      'reconnect-types.ts',
      'server-difference.ts',
    ],
    folders: { connect: [], differences: [], events: [], serving: [], tcp: [], tls: ['tcp'], ws: [] },
  },
  server: {
    sources: 'packages/server/src/',
    base: [
      'acceptor.ts',
      'async-context.ts',
      'check-options.ts',
      'connection-types.ts',
      'diagnostics-types.ts',
      'error-codes.ts',
      'event-bus.ts',
      'event-log.ts',
      'limits.ts',
      'logger.ts',
      'option-types.ts',
      'server-error.ts',
      'server-listener.ts',
      'server-transport.ts',
      'server-types.ts',
      'stats.ts',
      'timed-answers.ts',
      'tls-options.ts',
    ],
    folders: {
      handlers: [],
      shares: [],
      events: [],
      resume: [],
      signals: [],
      'event-log': ['events'],
      call: ['handlers', 'shares', 'events', 'event-log'],
      tcp: [],
      tls: ['tcp'],
      ws: [],
      // This is above servers: it starts them, and listens through the entries of the transports.
      workers: ['tcp', rootFolder],
    },
  },
  // The thread does not know the log that asks it. The code that reads a damaged file without SQLite does not know
  // SQLite.
  'log-sqlite': {
    sources: 'packages/log-sqlite/src/',
    base: [
      'error-codes.ts',
      'event-format.ts',
      'limits.ts',
      'messages.ts',
      'options.ts',
      'pack.ts',
      'sqlite-log-error.ts',
    ],
    folders: { file: [], worker: ['file'] },
  },
  // Pairs, clocks and checks are at the root. A network uses them, and only the entry knows the network. The client for
  // tests imports this package by its name.
  testing: {
    sources: 'packages/testing/src/',
    base: [
      'byte-queue.ts',
      'chunking.ts',
      'copy-payload.ts',
      'describe-timers.ts',
      'error-codes.ts',
      'heap.ts',
      'lent-chunk.ts',
      'limits.ts',
      'memory-stream.ts',
      'pair-end-types.ts',
      'pair-end.ts',
      'pair-options.ts',
      'seeded-random.ts',
      'testing-error.ts',
      'time-watch.ts',
      'turn.ts',
      'virtual-clock.ts',
      'wire.ts',
    ],
    folders: { network: [], client: [] },
  },
  demo: {
    sources: 'apps/demo/src/',
    base: [
      'byte-sizes.ts',
      'chat-clock.ts',
      'chat-contract.ts',
      'colors.ts',
      'connection-limits.ts',
      'contract-parts.ts',
      'figures-contract.ts',
      'file-contract.ts',
      'file-names.ts',
      'hang-up.ts',
      'limits.ts',
      'line-places.ts',
      'npm-parent.ts',
      'options.ts',
      'pause.ts',
      'safe-text.ts',
      'text-rules.ts',
    ],
    // The members of the chat, without a screen. A terminal and a page each add one.
    folders: { commands: [], server: [], member: [], terminal: ['member'], page: ['member'] },
  },
}

/** Rules that current imports break. Remove an entry when its last import is gone: the test fails then. */
const brokenToday: readonly string[] = []

/** Folders that a rule names and that do not exist yet. Remove an entry when its folder exists: the test fails then. */
const stillToCome: readonly string[] = []

const files = repositoryFiles().filter((file) => /\.(?:ts|cc|h)$/.test(file))

function violationsIn(file: string, text: string): Violation[] {
  return importsOf(file, text).flatMap((imported) =>
    Object.entries(packages).flatMap(([name, layers]) => {
      const rule = violatedLayer(name, layers, imported)
      return rule === undefined ? [] : [{ ...imported, rule }]
    }),
  )
}

describe('the direction of imports between the folders of a package', () => {
  const found = files.flatMap((file) => violationsIn(file, readRepositoryFile(file)))

  it('is followed by every import in the tree', () => {
    expect(found.filter(({ rule }) => !brokenToday.includes(rule))).toEqual([])
  })

  it('lists no rule as broken that is followed', () => {
    const broken = new Set(found.map(({ rule }) => rule))
    expect(brokenToday.filter((rule) => !broken.has(rule))).toEqual([])
  })

  it('names only folders that exist, or that are expected', () => {
    const absent = Object.entries(packages).flatMap(([name, layers]) =>
      absentFolders(layers, files).map((folder) => `${name}: ${folder}`),
    )
    expect(absent).toEqual(stillToCome)
  })

  it('names only base files that exist', () => {
    const absent = Object.entries(packages).flatMap(([name, layers]) =>
      absentBase(layers, files).map((file) => `${name}: ${file}`),
    )
    expect(absent).toEqual([])
  })

  it.each(Object.entries(packages))(
    'of %s goes down: a folder lists only folders before it',
    (_name, layers) => {
      const folders = Object.keys(layers.folders)
      for (const [folder, allowed] of Object.entries(layers.folders)) {
        const below = [...folders.slice(0, folders.indexOf(folder)), rootFolder]
        expect(
          allowed.filter((target) => !below.includes(target)),
          folder,
        ).toEqual([])
      }
    },
  )

  it.each([
    ['packages/iocp-core/src/net/x.ts', '../core/y.ts', 'iocp-core: net may not import core'],
    ['packages/iocp-core/src/native/x.ts', '../core/y.ts', 'iocp-core: native may not import core'],
    ['packages/iocp-core/src/native/x.ts', '../net/y.ts', 'iocp-core: native may not import net'],
    ['packages/iocp-core/src/core/x.ts', '../net/y.ts', 'iocp-core: core may not import net'],
    ['packages/iocp-core/src/core/x.ts', '../native/y.ts', 'iocp-core: core may not import native'],
    ['packages/iocp-core/src/endpoint/x.ts', '../core/y.ts', 'iocp-core: endpoint may not import core'],
    ['packages/iocp-core/src/diagnosis/x.ts', '../doctor/y.ts', 'iocp-core: diagnosis may not import doctor'],
    [
      'packages/iocp-core/src/limits.ts',
      './arguments/y.ts',
      'iocp-core: base files may not import arguments',
    ],
    ['packages/iocp-core/src/core/x.ts', '../back-ends.ts', 'iocp-core: core may not import the root'],
    [
      'packages/iocp-core/src/attic/x.ts',
      '../limits.ts',
      'iocp-core: the folder of packages/iocp-core/src/attic/x.ts has no rule',
    ],
    ['packages/protocol/src/session/x.ts', '../contract/y.ts', 'protocol: session may not import contract'],
    ['packages/protocol/src/envelope/x.ts', '../contract/y.ts', 'protocol: envelope may not import contract'],
    [
      'packages/protocol/src/session/flow/x.ts',
      '../calls/y.ts',
      'protocol: session/flow may not import session/calls',
    ],
    [
      'packages/protocol/src/session/link/x.ts',
      '../calls/y.ts',
      'protocol: session/link may not import session/calls',
    ],
    ['packages/framing/src/codec/x.ts', '../channel/y.ts', 'framing: codec may not import channel'],
    ['packages/framing/src/support/x.ts', '../codec/y.ts', 'framing: support may not import codec'],
    ['packages/framing/src/limits.ts', './support/y.ts', 'framing: base files may not import support'],
    ['packages/client/src/serving/x.ts', '../tcp/y.ts', 'client: serving may not import tcp'],
    ['packages/client/src/connect/x.ts', '../frameport-client.ts', 'client: connect may not import the root'],
    ['packages/client/src/client-types.ts', './serving/y.ts', 'client: base files may not import serving'],
    ['packages/server/src/tcp/x.ts', '../frameport-server.ts', 'server: tcp may not import the root'],
    ['packages/server/src/server-types.ts', './handlers/y.ts', 'server: base files may not import handlers'],
    ['packages/server/src/tcp/x.ts', '../call/y.ts', 'server: tcp may not import call'],
    ['packages/testing/src/network/x.ts', '../memory-pair.ts', 'testing: network may not import the root'],
    ['packages/testing/src/network/x.ts', '../client/y.ts', 'testing: network may not import client'],
    ['packages/testing/src/wire.ts', './network/y.ts', 'testing: base files may not import network'],
    ['apps/demo/src/server/x.ts', '../terminal/y.ts', 'demo: server may not import terminal'],
    ['apps/demo/src/terminal/x.ts', '../server/y.ts', 'demo: terminal may not import server'],
    ['apps/demo/src/limits.ts', './server/y.ts', 'demo: base files may not import server'],
  ])('refuses %s importing %s', (file, specifier, rule) => {
    expect(violationsIn(file, `import type { Y } from '${specifier}'`)).toEqual([{ file, specifier, rule }])
  })

  it.each([
    ['packages/iocp-core/src/core/x.ts', './y.ts'],
    ['packages/server/src/frameport-server.ts', './call/y.ts'],
    ['packages/iocp-core/src/core/x.ts', '../endpoint/y.ts'],
    ['packages/iocp-core/src/core/x.ts', '../limits.ts'],
    ['packages/iocp-core/src/back-ends.ts', './native/y.ts'],
    ['packages/iocp-core/src/doctor/x.ts', '../back-ends.ts'],
    ['packages/iocp-core/test/core/x.test.ts', '../../src/native/y.ts'],
    ['packages/protocol/src/session/x.ts', './calls/y.ts'],
    ['packages/protocol/src/session/calls/x.ts', '../flow/y.ts'],
    ['apps/demo/src/commands/echo/x.ts', '../y.ts'],
    ['apps/demo/src/server/x.ts', 'node:net'],
  ])('allows %s importing %s', (file, specifier) => {
    expect(violationsIn(file, `export * from '${specifier}'`)).toEqual([])
  })
  it.each([
    ['seams/x.cc', '../backends/y.h', 'native: seams may not import backends'],
    ['backends/common/x.h', '../port_factory.h', 'native: backends/common may not import backends'],
    ['backends/epoll/x.cc', '../iocp/y.h', 'native: backends/epoll may not import backends/iocp'],
    ['backends/iocp/x.cc', '../../engine/y.h', 'native: backends/iocp may not import engine'],
    ['engine/x.cc', '../os/y.h', 'native: engine may not import os'],
    ['binding/x.cc', '../backends/epoll/y.h', 'native: binding may not import backends/epoll'],
    ['engine/x.cc', '../variants/guard/y.h', 'native: engine may not import variants'],
    ['port.h', 'engine/y.h', 'native: the root may not import engine'],
    ['base/x.h', '../port.h', 'native: base may not import the root'],
  ])('refuses native/%s including %s', (name, path, rule) => {
    const file = `packages/iocp-core/native/${name}`
    const found = violationsIn(file, `#include <new>\n\n#include "${path}"\n`)
    expect(found.map((violation) => violation.rule)).toEqual([rule])
  })

  it.each([
    ['engine/x.cc', 'engine.h'],
    ['backends/epoll/x.cc', '../common/y.h'],
    ['port.h', 'seams/y.h'],
    ['binding/x.cc', '../backends/y.h'],
  ])('allows native/%s including %s', (name, path) => {
    expect(violationsIn(`packages/iocp-core/native/${name}`, `#include "${path}"`)).toEqual([])
  })
})
