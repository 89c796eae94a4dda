/** The content of `consumers/results.json`: written by `npm run test:runtimes`, `test:consumer` and `test:bundlers`, each with `-- --record`. */
export interface Results {
  readonly runtimes: readonly {
    readonly runtime: string
    readonly backend: string
    readonly suite: string
  }[]
  readonly consumers: readonly {
    readonly installedBy: string
    readonly runBy: string
    readonly backend: string
  }[]
  readonly bundlers: readonly {
    readonly bundledBy: string
    readonly format: string
    readonly backend: string
  }[]
  readonly types: readonly {
    readonly compiler: string
    readonly resolutions: readonly string[]
  }[]
  readonly floor: readonly {
    readonly libraries: string
    readonly runBy: string
    readonly backend: string
  }[]
}

const backends = ['io_uring', 'epoll', 'net']
const resolutions = ['nodenext', 'bundler']

/** The tables of docs/platforms.md, as Markdown. */
export function testedTables({ runtimes, consumers, bundlers, types, floor }: Results): string {
  const names = [...new Set(runtimes.map(({ runtime }) => runtime))]
  const cell = (name: string, backend: string) =>
    runtimes
      .find((one) => one.runtime === name && one.backend === backend)
      ?.suite.replace(', 0 failed', '')
      .replace(/, 0 skipped$/, '') ?? '–'
  const ofRuntimes = names.map(
    (name) => `| ${name} | ${backends.map((backend) => cell(name, backend)).join(' | ')} |`,
  )
  const ofConsumers = consumers.map(
    ({ installedBy, runBy, backend }) => `| ${installedBy} | ${runBy} | \`${backend}\` |`,
  )
  const ofBundlers = bundlers.map(
    ({ bundledBy, format, backend }) => `| ${bundledBy} | ${format} | \`${backend}\` | \`net\` |`,
  )
  const ofTypes = types.map(({ compiler, resolutions: taken }) => {
    const cells = resolutions.map((resolution) => (taken.includes(resolution) ? 'compiles' : '–'))
    return `| ${compiler} | ${cells.join(' | ')} |`
  })
  const ofFloor = floor.map(({ libraries, runBy, backend }) => `| ${libraries} | ${runBy} | \`${backend}\` |`)
  const tables = [
    table('| runtime | `io_uring` | `epoll` | `net` |', '| --- | --- | --- | --- |', ofRuntimes),
    table('| installed by | run by | back end |', '| --- | --- | --- |', ofConsumers),
    table(
      '| bundled by | format | where the addon is beside the bundle, or `FRAMEPORT_ADDON` names it | the bundle alone |',
      '| --- | --- | --- | --- |',
      ofBundlers,
    ),
    table('| the oldest libraries | run by | back end |', '| --- | --- | --- |', ofFloor),
    table('| compiler | `nodenext` | `bundler` |', '| --- | --- | --- |', ofTypes),
  ]
  return tables.filter((text) => text !== '').join('\n\n')
}

/** Returns an empty text if there are no results yet. */
function table(head: string, line: string, rows: readonly string[]): string {
  return rows.length === 0 ? '' : [head, line, ...rows].join('\n')
}

const begin = '<!-- tested: npm run tested writes this -->'
const end = '<!-- end of tested -->'

/** Returns the page with the tables between their marks. @throws Error if it has no marks */
export function withTestedTables(page: string, results: Results): string {
  const from = page.indexOf(begin)
  const to = page.indexOf(end)
  if (from < 0 || to < from) throw new Error(`the text has no ${begin} with an ${end} behind it`)
  return `${page.slice(0, from + begin.length)}\n${testedTables(results)}\n${page.slice(to)}`
}
