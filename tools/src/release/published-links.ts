import { posix } from 'node:path'
import { visit } from 'unist-util-visit'
import { parseMarkdown } from '../rules/markdown.ts'

interface Place {
  readonly start: number
  readonly end: number
  readonly url: string
  readonly isImage: boolean
}

/**
 * Returns a Markdown text whose links lead to the repository, because npm's page shows it without the files around it.
 *
 * @param file the text's path from the root of the repository
 * @param address of the repository
 * @param ref the tag or branch of the files
 */
export function withRepositoryLinks(text: string, file: string, address: string, ref: string): string {
  let result = ''
  let done = 0
  for (const { start, end, url, isImage } of relativeLinks(text)) {
    const [path = '', anchor] = url.split('#')
    const target = posix.normalize(posix.join(posix.dirname(file), path))
    const kind = isImage ? 'raw' : 'blob'
    const absolute = `${address}/${kind}/${encodeURIComponent(ref)}/${target}${anchor === undefined ? '' : `#${anchor}`}`
    const source = text.slice(start, end)
    // The last occurrence, because the text of the link may contain the address as well.
    const at = source.lastIndexOf(url)
    result += text.slice(done, start) + source.slice(0, at) + absolute + source.slice(at + url.length)
    done = end
  }
  return result + text.slice(done)
}

/** The links of a text that need other files, in order. Links into the text itself work anywhere. */
function relativeLinks(text: string): readonly Place[] {
  return linksOf(text).filter(({ url }) => !/^(?:[a-z][a-z0-9+.-]*:|#)/.test(url))
}

/** Every link, image and definition of a Markdown text, in order. */
export function linksOf(text: string): readonly Place[] {
  const places: Place[] = []
  visit(parseMarkdown(text), (node) => {
    if (node.type !== 'link' && node.type !== 'image' && node.type !== 'definition') return
    const { position, url, type } = node
    const [start, end] = [position?.start.offset ?? 0, position?.end.offset ?? 0]
    places.push({ start, end, url, isImage: type === 'image' })
  })
  return places.sort((one, other) => one.start - other.start)
}
