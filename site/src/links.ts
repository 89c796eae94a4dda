import { existsSync, statSync } from 'node:fs'
import { join, posix } from 'node:path'
import { placeOf, readPage, repositoryRoot } from './pages.ts'

/** The address of the repository, as package.json has it. */
export const repository: string = (
  JSON.parse(readPage('package.json')) as { repository: { url: string } }
).repository.url
  .replace(/^git\+/, '')
  .replace(/\.git$/, '')

/**
 * Where a link of a page leads in the site. Links are written for readers of the repository: relative, to files. A link to
 * a page becomes its place in the site, and a link to any other file or folder becomes its address in the repository.
 *
 * @param file the file that has the link, from the root of the repository
 * @throws Error when the link leads to no file
 */
export function siteLink(file: string, url: string): string {
  const own = `${repository}/blob/main/`
  const isOwn = url.startsWith(own)
  if (url.startsWith('#') || (!isOwn && /^(?:[a-z][a-z0-9+.-]*:|\/)/i.test(url))) return url
  const [, path = '', anchor = ''] = /^([^#]*)(#.*)?$/.exec(isOwn ? url.slice(own.length) : url) ?? []
  const target = targetOf(isOwn ? '' : posix.dirname(file), decodeURIComponent(path))
  const place = placeOf(target) ?? placeOf(`${target}/README.md`)
  const isPage = existsSync(join(repositoryRoot, place === placeOf(target) ? target : `${target}/README.md`))
  if (place !== undefined && isPage) return `/${place}${anchor}`
  if (!existsSync(join(repositoryRoot, target))) throw new Error(`${file}: the link ${url} leads to no file.`)
  const kind = statSync(join(repositoryRoot, target)).isDirectory() ? 'tree' : 'blob'
  return `${repository}/${kind}/main/${encodeURI(target)}${anchor}`
}

function targetOf(folder: string, path: string): string {
  return posix.normalize(posix.join(folder, path)).replace(/\/$/, '')
}
