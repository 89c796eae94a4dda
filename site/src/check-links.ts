import { readdir, readFile } from 'node:fs/promises'
import { join, posix, sep } from 'node:path'

interface BuiltPage {
  readonly anchors: ReadonlySet<string>
  readonly links: readonly string[]
}

/**
 * Checks that each link inside a built site leads to a page, and each anchor to a place on it.
 *
 * @param base the path below which the site is served, as `/` or `/frameport/`
 * @throws Error with all links that lead nowhere
 */
export async function checkLinks(folder: string, base: string): Promise<void> {
  const files = (await readdir(folder, { recursive: true })).map((file) => file.replaceAll(sep, '/'))
  const names = files.filter((file) => file.endsWith('.html'))
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
  const pages = new Map(names.map((name, index) => [name, builtPage(texts[index] ?? '')]))
  const problems = deadLinks(pages, new Set(files), base)
  if (problems.length > 0) throw new Error(`Links of the site lead nowhere:\n${problems.join('\n')}`)
}

/** The links of pages that lead nowhere, each with its page. */
export function deadLinks(
  pages: ReadonlyMap<string, BuiltPage>,
  files: ReadonlySet<string>,
  base: string,
): string[] {
  return [...pages].flatMap(([name, { links }]) =>
    links
      .filter((link) => !/^[a-z][a-z0-9+.-]*:/i.test(link))
      .filter((link) => {
        const { pathname, hash } = new URL(link, `http://site${base}${name}`)
        if (!pathname.startsWith(base)) return true
        const path = decodeURIComponent(pathname.slice(base.length))
        const target = path === '' || path.endsWith('/') ? posix.join(path, 'index.html') : path
        if (!files.has(target)) return true
        return hash !== '' && pages.get(target)?.anchors.has(decodeURIComponent(hash.slice(1))) !== true
      })
      .map((link) => `${name}: ${link}`),
  )
}

/** What other pages can link to on a page, and where it links to. */
export function builtPage(html: string): BuiltPage {
  return {
    anchors: new Set([...html.matchAll(/<[^>]+\sid="([^"]+)"/g)].map(([, id = '']) => plain(id))),
    links: [...html.matchAll(/<a\s[^>]*?href="([^"]*)"/g)].map(([, href = '']) => plain(href)),
  }
}

function plain(text: string): string {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&amp;', '&')
}
