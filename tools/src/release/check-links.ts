import { execFileSync } from 'node:child_process'
import type { Html } from 'mdast'
import { visit } from 'unist-util-visit'
import { repositoryFiles, repositoryRoot } from '../repository.ts'
import { parseMarkdown } from '../rules/markdown.ts'
import { repositoryAddress } from './address.ts'
import { linksOf } from './published-links.ts'
import { releaseTag } from './published-manifest.ts'
import type { Manifest } from './published-packages.ts'

/** On npm's page, only absolute links work. Links to the repository must lead to existing files. */
export function linkProblems(file: string, text: string, manifest: Manifest): readonly string[] {
  const urls = linksOf(text)
    .map(({ url }) => url)
    .filter((url) => !url.startsWith('#'))
  const known = repositoryFiles()
  return [
    ...[...urls.filter((url) => !/^https?:/.test(url)), ...deadLinksOfHtml(text)].map(
      (url) => `${file} has the link ${url}, which leads nowhere on npm's page`,
    ),
    ...urls.flatMap((url) => ownLinkProblems(file, url, manifest, known)),
  ]
}

/** Links and pictures in HTML tags that need other files: they are not made absolute when a package is staged. */
function deadLinksOfHtml(text: string): readonly string[] {
  const urls: string[] = []
  visit(parseMarkdown(text), 'html', ({ value }: Html) => {
    for (const [, url = ''] of value.matchAll(/\b(?:href|src)="([^"]*)"/g))
      if (!/^(?:https?:|#)/.test(url)) urls.push(url)
  })
  return urls
}

/**
 * A link to the repository must lead to the package's own release, or to the commit that a line of a changelog names.
 */
function ownLinkProblems(
  file: string,
  url: string,
  manifest: Manifest,
  known: readonly string[],
): readonly string[] {
  const own = `${repositoryAddress()}/`
  const [, ref, path = ''] =
    /^(?:blob|raw|tree)\/([^/]+)\/([^#]+)/.exec(url.startsWith(own) ? url.slice(own.length) : '') ?? []
  if (ref === undefined) return []
  if (file === 'CHANGELOG.md' && /^[0-9a-f]{40}$/.test(ref))
    return commitHas(ref, path) ? [] : [`${file} links to ${path}, which the commit ${ref} does not have`]
  const problems =
    ref === encodeURIComponent(releaseTag(manifest))
      ? []
      : [`${file} links to ${ref}, and not to its own release`]
  const isThere = known.some((name) => name === path || name.startsWith(`${path.replace(/\/$/, '')}/`))
  return isThere ? problems : [...problems, `${file} links to ${path}, which the repository does not have`]
}

function commitHas(commit: string, path: string): boolean {
  try {
    const object = `${commit}:${path.replace(/\/$/, '')}`
    execFileSync('git', ['cat-file', '-e', object], { cwd: repositoryRoot, stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
