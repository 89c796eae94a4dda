import { readdirSync } from 'node:fs'
import { join, posix } from 'node:path'
import { pathOf, readPage, repositoryRoot, titleOf } from './pages.ts'

/** What the sidebar shows; VitePress takes it as it is. */
export interface SidebarItem {
  readonly text: string
  readonly link?: string
  readonly items?: readonly SidebarItem[]
  readonly collapsed?: boolean
}

/** The pages of docs/, by what a reader wants. A test finds those that are missing here. */
const reference: Readonly<Record<string, readonly string[]>> = {
  'Write programs': [
    ...['handling-errors', 'errors', 'wrong-uses', 'evolution', 'recipes', 'testing', 'web-sockets'],
    'transports',
  ],
  'Run programs': [
    ...['reconnecting', 'deploying', 'tls', 'security', 'seccomp/README', 'diagnostics', 'scaling'],
    'platforms',
  ],
  'How it works': ['wire-protocol', 'completion-model', 'core-speed', 'mutation', 'glossary'],
}

const packages = [
  ...['client', 'server', 'protocol', 'framing', 'iocp-core', 'testing', 'log-sqlite', 'broker-nats'],
]

const project = [
  ...['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'STYLE.md', 'RELEASING.md', 'SECURITY.md'],
  ...['CODE_OF_CONDUCT.md', 'apps/demo/README.md', 'benchmarks/README.md', 'interop/python/README.md'],
]

/** The sidebars of everything that is written by hand, by the beginning of the paths that have them. */
export function writtenSidebars(): Readonly<Record<string, readonly SidebarItem[]>> {
  const packageItems = packages.map((name) => itemOf(`packages/${name}/README.md`, `@frameport/${name}`))
  const projectItems = project.map((file) => (file === 'README.md' ? itemOf(file, 'Overview') : itemOf(file)))
  return {
    '/guides/': guides(),
    '/reference/': Object.entries(reference).map(([text, names]) => ({
      text,
      items: names.map((name) => itemOf(`docs/${name}.md`)),
    })),
    '/packages/': [{ text: 'Packages', items: packageItems }],
    '/examples/': [{ text: 'Examples', items: examples() }],
    '/decisions/': [{ text: 'Decisions', items: decisions() }],
    '/project/': [{ text: 'Project', items: projectItems }],
    '/overview': [{ text: 'Project', items: projectItems }],
  }
}

function itemOf(file: string, text = titleOf(file)): SidebarItem {
  const link = pathOf(file)
  if (link === undefined) throw new Error(`${file} is in a sidebar and not in the site.`)
  return { text, link }
}

/** The index of the guides has a table for each group, and a link to the guide in the first cell of each row. */
function guides(): SidebarItem[] {
  const index = 'docs/guides/README.md'
  const [, ...sections] = readPage(index).split(/^## /m)
  const groups = sections.map((section) => ({
    text: section.split('\n')[0] ?? '',
    items: [...section.matchAll(/^\| \[([^\]]+)\]\(([^)]+)\)/gm)].map(([, text = '', file = '']) =>
      itemOf(posix.join('docs/guides', file), text),
    ),
  }))
  return [
    { text: 'Guides', items: [itemOf(index, 'All guides')] },
    ...groups.filter(({ items }) => items.length > 0),
  ]
}

function examples(): SidebarItem[] {
  return [
    itemOf('examples/README.md', 'All examples'),
    itemOf('examples/starter/README.md', 'Starter project'),
  ]
}

function decisions(): SidebarItem[] {
  const files = readdirSync(join(repositoryRoot, 'docs/adr')).filter((name) => /^\d{4}-.+\.md$/.test(name))
  return [
    itemOf('docs/adr/README.md', 'All decisions'),
    ...files.sort().map((name) => itemOf(`docs/adr/${name}`)),
  ]
}
