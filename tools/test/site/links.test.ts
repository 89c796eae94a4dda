import { describe, expect, it } from 'vitest'
import { builtPage, deadLinks } from '../../../site/src/check-links.ts'
import { repository, siteLink } from '../../../site/src/links.ts'
import { pathOf, placeOf } from '../../../site/src/pages.ts'

describe('the place of a file in the site', () => {
  it.each([
    ['README.md', 'overview.md', '/overview'],
    ['docs/guides/README.md', 'guides/index.md', '/guides/'],
    ['docs/guides/streams.md', 'guides/streams.md', '/guides/streams'],
    ['docs/seccomp/README.md', 'reference/seccomp/index.md', '/reference/seccomp/'],
    ['docs/security.md', 'reference/security.md', '/reference/security'],
    ['SECURITY.md', 'project/security.md', '/project/security'],
    ['packages/client/README.md', 'packages/client.md', '/packages/client'],
    ['packages/iocp-core/fuzz/uncovered.md', undefined, undefined],
    ['docs/chat.svg', undefined, undefined],
  ])('of %s is %s', (file, place, path) => {
    expect(placeOf(file)).toBe(place)
    expect(pathOf(file)).toBe(path)
  })
})

describe('a link of a page', () => {
  it.each([
    ['docs/guides/streams.md', 'events.md#a-log', '/guides/events.md#a-log'],
    ['docs/guides/streams.md', '../../packages/client/README.md', '/packages/client.md'],
    ['README.md', 'docs/guides/README.md', '/guides/index.md'],
    ['examples/README.md', 'starter', '/examples/starter/index.md'],
    ['examples/README.md', 'thermostat.ts', `${repository}/blob/main/examples/thermostat.ts`],
    ['examples/README.md', 'store', `${repository}/tree/main/examples/store`],
    [
      'examples/starter/README.md',
      `${repository}/blob/main/README.md#the-packages`,
      '/overview.md#the-packages',
    ],
    ['README.md', '#the-packages', '#the-packages'],
    ['README.md', 'https://standardschema.dev', 'https://standardschema.dev'],
  ])('of %s to %s leads to %s', (file, url, target) => {
    expect(siteLink(file, url)).toBe(target)
  })

  it.each(['nothing.md', 'docs/nothing.ts', 'docs/guides/nothing.md'])(
    'to a missing file is an error: %s',
    (url) => {
      expect(() => siteLink('README.md', url)).toThrow(`README.md: the link ${url} leads to no file.`)
    },
  )
})

describe('the check of the built site', () => {
  const html = (link: string) => `<h1 id="top">A</h1><p><a class="x" href="${link}">b</a></p>`
  const check = (link: string, base = '/') =>
    deadLinks(
      new Map([
        ['a.html', builtPage(html(link))],
        ['b/index.html', builtPage('<h2 id="it-s" tabindex="-1">it</h2>')],
      ]),
      new Set(['a.html', 'b/index.html', 'assets/x.js']),
      base,
    )

  it.each(['#top', '/a.html', '/b/', './b/index.html#it-s', '/assets/x.js', 'https://example.com/no'])(
    'accepts %s',
    (link) => {
      expect(check(link)).toEqual([])
    },
  )

  it.each(['#bottom', '/c.html', '/b/#top', '/b/index.html#its', 'b'])('reports %s', (link) => {
    expect(check(link)).toEqual([`a.html: ${link}`])
  })

  it('knows the base path of the site', () => {
    expect(check('/frameport/b/#it-s', '/frameport/')).toEqual([])
    expect(check('/b/#it-s', '/frameport/')).toEqual(['a.html: /b/#it-s'])
  })
})
