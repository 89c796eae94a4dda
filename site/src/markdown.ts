import { relative } from 'node:path'
import { slug } from 'github-slugger'
import type { DefaultTheme, MarkdownOptions } from 'vitepress'
import { siteLink } from './links.ts'
import { repositoryRoot } from './pages.ts'

type MarkdownIt = Parameters<NonNullable<MarkdownOptions['config']>>[0]

/** What VitePress passes to rules beside the text. */
interface Environment {
  readonly path?: string
  readonly realPath?: string
}

/** The settings by which VitePress renders pages that were written for GitHub. */
export const markdown: MarkdownOptions = {
  // Anchors of links were written for the names that GitHub gives to headings.
  anchor: { slugify: (text) => slug(text) },
  theme: { light: 'github-light', dark: 'github-dark' },
  config(md) {
    rewriteLinks(md)
    showBytes(md)
  },
}

/** The index of the search holds words alone, so that colours of code, which take most of the time, are left out. */
export const renderWithoutColours: NonNullable<DefaultTheme.LocalSearchOptions['_render']> = (
  text,
  env,
  md,
) => {
  const { highlight = null } = md.options
  md.set({ highlight: null })
  try {
    return md.render(text, env)
  } finally {
    md.set({ highlight })
  }
}

function rewriteLinks(md: MarkdownIt): void {
  md.core.ruler.push('frameport-links', ({ tokens, env }) => {
    const { path, realPath = path } = env as Environment
    // VitePress also renders titles, which are part of no file.
    if (realPath === undefined) return
    const file = relative(repositoryRoot, realPath)
    for (const { children } of tokens) {
      for (const token of children ?? []) {
        const url = token.type === 'link_open' ? token.attrGet('href') : null
        if (url !== null) token.attrSet('href', siteLink(file, url))
      }
    }
  })
}

/** `hex call` marks a block of bytes for a test, and is not a language that a highlighter knows. */
function showBytes(md: MarkdownIt): void {
  md.core.ruler.push('frameport-bytes', ({ tokens }) => {
    for (const token of tokens)
      if (token.type === 'fence') token.info = token.info.replace(/^hex\b.*/, 'text')
  })
}
