import { defineConfig } from 'vitepress'
import { apiSidebars } from '../src/api/sidebar.ts'
import { checkLinks } from '../src/check-links.ts'
import { icon } from '../src/icon.ts'
import { repository } from '../src/links.ts'
import { markdown, renderWithoutColours } from '../src/markdown.ts'
import { apiFolder, excluded, placeOf, repositoryRoot } from '../src/pages.ts'
import { writtenSidebars } from '../src/sidebar.ts'

/** Pages import vue from where they are, outside of this project. The server that renders them imports it from here. */
const findVue = {
  name: 'frameport-find-vue',
  enforce: 'pre' as const,
  resolveId: (id: string, _importer: string | undefined, { ssr = false }: { ssr?: boolean }) =>
    ssr && /^vue(?:\/server-renderer)?$/.test(id) ? { id, external: true } : undefined,
}

export default defineConfig({
  title: 'Frameport',
  description: 'Typed calls, streams and events over raw TCP, for Node.js and TypeScript',
  // A host that serves the site below a path names it: /frameport/
  base: process.env.FRAMEPORT_SITE_BASE ?? '/',
  lang: 'en',
  head: [['link', { rel: 'icon', href: icon }]],
  // Pages are the Markdown files of the repository, where they are.
  srcDir: repositoryRoot,
  srcExclude: [...excluded],
  rewrites(file) {
    const place = placeOf(file)
    if (place === undefined)
      throw new Error(`${file} has no place in the site. Give it one, or exclude it, in site/src/pages.ts.`)
    return place
  },
  markdown,
  vite: {
    plugins: [findVue],
    // The index of the search is one file, which a page loads when somebody searches.
    build: { chunkSizeWarningLimit: 8_192 },
  },
  transformPageData({ filePath }) {
    // The sidebar lists what is on a page of the API, and the text takes the whole width.
    return filePath.startsWith(`${apiFolder}/`)
      ? { frontmatter: { aside: false, editLink: false, pageClass: 'api' } }
      : undefined
  },
  async buildEnd({ outDir, site }) {
    await checkLinks(outDir, site.base)
  },
  themeConfig: {
    nav: [
      { text: 'Guides', link: '/guides/', activeMatch: '^/guides/' },
      { text: 'Reference', link: '/reference/wire-protocol', activeMatch: '^/reference/' },
      { text: 'Packages', link: '/packages/client', activeMatch: '^/packages/' },
      { text: 'API', link: '/api/', activeMatch: '^/api/' },
      { text: 'Examples', link: '/examples/', activeMatch: '^/examples/' },
      { text: 'Decisions', link: '/decisions/', activeMatch: '^/decisions/' },
      { text: 'Project', link: '/overview', activeMatch: '^/(overview|project/)' },
    ],
    sidebar: Object.fromEntries(
      Object.entries({ ...writtenSidebars(), ...apiSidebars() }).map(([path, items]) => [path, [...items]]),
    ) as never,
    outline: [2, 3],
    search: { provider: 'local', options: { _render: renderWithoutColours } },
    socialLinks: [{ icon: 'github', link: repository }],
    editLink: { pattern: `${repository}/edit/main/:path`, text: 'Edit this page' },
    footer: { message: 'MIT licensed' },
  },
})
