import { posix } from 'node:path'
import GithubSlugger from 'github-slugger'
import type { Heading, Nodes, Root } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { gfm } from 'micromark-extension-gfm'
import { visit } from 'unist-util-visit'

export interface MarkdownTree {
  /** Every file and folder of the repository, from its root, without trailing slashes. */
  readonly paths: ReadonlySet<string>
  read(file: string): string
}

export function parseMarkdown(text: string): Root {
  return fromMarkdown(text, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] })
}

/** Broken links and inline-code paths of one Markdown file. Network addresses are not visited. */
export function markdownProblems(file: string, tree: MarkdownTree): string[] {
  const problems: string[] = []
  visit(parseMarkdown(tree.read(file)), (node) => {
    const problem =
      node.type === 'link' || node.type === 'image' || node.type === 'definition'
        ? linkProblem(file, node.url, tree)
        : node.type === 'inlineCode'
          ? pathProblem(file, node.value, tree)
          : undefined
    if (problem !== undefined) problems.push(`${file}:${node.position?.start.line ?? 0}: ${problem}`)
  })
  return problems
}

function linkProblem(file: string, url: string, tree: MarkdownTree): string | undefined {
  if (/^[a-z][a-z0-9+.-]*:/.test(url)) return undefined
  const [path = '', anchor] = url.split('#')
  const target = path === '' ? file : resolveFrom(file, path)
  if (!tree.paths.has(target)) return `the link ${url} leads to no file`
  if (anchor === undefined || !target.endsWith('.md')) return undefined
  return anchorsOf(tree.read(target)).has(anchor) ? undefined : `${target} has no heading #${anchor}`
}

/** Inline code that claims that a file exists: a path with a slash and a known ending, or a root file. */
const claimedPath = /^(?:\.{0,2}\/)?(?:[\w@.-]+\/)+[\w.-]+\.(?:ts|mjs|cc|h|md|json|yml|txt|py)$/
const claimedFolder = /^(?:packages|apps|docs|tools|\.ci)\/(?:[\w.-]+\/)*[\w.-]*$/

function pathProblem(file: string, code: string, tree: MarkdownTree): string | undefined {
  if (!claimedPath.test(code) && !claimedFolder.test(code)) return undefined
  if (code.startsWith('@') || code.includes('node_modules')) return undefined
  const candidates = [posix.normalize(code), resolveFrom(file, code)].map((path) => path.replace(/\/$/, ''))
  if (candidates.some((path) => tree.paths.has(path) || path.startsWith('..') || isBuilt(path)))
    return undefined
  return `the path ${code} does not exist`
}

function isBuilt(path: string): boolean {
  return /(^|\/)(dist|build)(\/|$)/.test(path)
}

function resolveFrom(file: string, path: string): string {
  return posix.normalize(posix.join(posix.dirname(file), decodeURIComponent(path))).replace(/\/$/, '')
}

function anchorsOf(text: string): Set<string> {
  const slugger = new GithubSlugger()
  const anchors = new Set<string>()
  visit(parseMarkdown(text), 'heading', (heading: Heading) => {
    anchors.add(slugger.slug(plainText(heading)))
  })
  return anchors
}

function plainText(node: Nodes): string {
  if ('value' in node) return node.value
  return 'children' in node ? node.children.map((child) => plainText(child as Nodes)).join('') : ''
}
