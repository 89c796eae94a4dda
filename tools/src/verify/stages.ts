/** One stage of `npm run verify:full`. */
export interface Stage {
  readonly name: string
  /** A command for a shell at the root of the repository. */
  readonly command: string
  /** The equivalent in CI. */
  readonly inCi: string
}

const core = '--workspace=packages/iocp-core'

const attacksInCi = {
  net: 'every second one',
  io_uring: 'three of those on a server',
  epoll: 'two of those on a server',
}

/** Long stages come last, so that failures show early. */
export const stages: readonly Stage[] = [
  {
    name: 'properties with a random seed',
    command: 'npm run fuzz',
    inCi: 'the same properties with the seed that stands in the tests',
  },
  {
    name: 'decoders against those in Python, a million cases each, with a random seed',
    command: 'npm run -s fuzz:interop',
    inCi: '100,000 envelopes and 20,000 streams with one seed',
  },
  {
    name: 'random sessions against a model, 20,000 seeds',
    command: 'npm run -s random -- --seeds 20000 --from 1000000',
    inCi: '500 seeds, and each seeded fault',
  },
  {
    name: 'whole clients and servers on random networks, 10,000 seeds',
    command: 'npm run -s network -- --seeds 10000 --from 1000000',
    inCi: '500 seeds, and each seeded fault',
  },
  {
    name: 'the packed types in four versions of TypeScript',
    command: 'npm run -s every-compiler --workspace=tests/types',
    inCi: 'the oldest and the newest',
  },
  {
    name: 'calls of every kind between Python and this implementation, over each back end',
    command: 'npm run -s every-backend --workspace=tests/interop',
    inCi: 'over net and the best native back end',
  },
  {
    name: 'two servers of one address that are started again in turn, five times, on each back end',
    command: 'npm run -s rolling --workspace=tests/outages',
    inCi: 'once',
  },
  {
    name: 'an upload of 1 GiB on each back end, with a callee that stalls for 30 s',
    command: 'npm run -s upload',
    inCi: '100 MiB, and a second',
  },
  ...(['net', 'epoll', 'io_uring'] as const).map((backend) => ({
    name: `attacks on a server and on clients, ${backend}`,
    command: `npm run -s attack -- --backend ${backend} --seconds 10`,
    inCi: `${attacksInCi[backend]}, for a second, without a look at the clock`,
  })),
  {
    name: 'a release, installed with six package managers, its types, the project to copy, and the oldest libraries',
    command: 'npm run -s test:consumer',
    inCi: 'npm and pnpm',
  },
  {
    name: 'bundles of a release by four bundlers',
    command: 'npm run -s test:bundlers',
    inCi: 'nothing',
  },
  {
    name: 'the site of the documentation, built and read in a browser',
    command: 'npm run -s site && npm run -s test:site',
    inCi: 'its sidebars and the links of its pages',
  },
  {
    name: 'three releases in a copy of the repository',
    command: 'npm run -s test:release',
    inCi: 'nothing',
  },
  {
    name: 'seven runtimes: four versions of Node.js, Bun, Deno, and arm64 under qemu',
    command: 'npm run -s test:runtimes',
    inCi: 'the newest Node.js, and Bun',
  },
  {
    name: 'lines that suites and fuzzer reach',
    command: `npm run -s coverage ${core}`,
    inCi: 'nothing',
  },
  {
    name: 'mutations of lines in the engine and io_uring',
    command: `npm run -s mutate ${core}`,
    inCi: 'nothing',
  },
  {
    name: 'the engine over a fake kernel, 20 million steps',
    command: `npm run -s fuzz ${core} -- --steps 20000000 --seed 1000000`,
    inCi: 'a million steps, and each seeded fault',
  },
  {
    name: 'a million connections opened and closed',
    command: `npm run -s soak ${core} -- --cycles 1000000`,
    inCi: '100,000 on the native back ends',
  },
  {
    name: 'a thousand worker threads terminated under load',
    command: `npm run -s soak ${core} -- --native --terminations 1000`,
    inCi: '100',
  },
]
