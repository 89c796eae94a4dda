import { posix } from 'node:path'
import { describe, expect, it } from 'vitest'
import { repositoryAddress } from '../src/release/address.ts'
import { linksOf } from '../src/release/published-links.ts'
import { rangesOfToday, starterManifest, withRanges } from '../src/release/starter-manifest.ts'
import { readRepositoryFile, repositoryFiles } from '../src/repository.ts'
import { importsOf } from '../src/topology.ts'

const folder = 'examples/starter/'
const files = repositoryFiles()
  .filter((file) => file.startsWith(folder))
  .map((file) => file.slice(folder.length))
const read = (file: string) => readRepositoryFile(`${folder}${file}`)
const manifest = JSON.parse(read('package.json')) as {
  readonly scripts: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

describe('the starter project', () => {
  it('depends on the current versions (npm run release:version writes them)', () => {
    const text = readRepositoryFile(starterManifest)
    expect(withRanges(text, rangesOfToday())).toBe(text)
  })

  it('can get other versions, and keeps everything else', () => {
    const text = JSON.stringify({ name: 'x', dependencies: { a: '^1.0.0' }, devDependencies: { b: '1' } })
    const after = { name: 'x', dependencies: { a: '^2.0.0' }, devDependencies: { b: '2' } }
    expect(JSON.parse(withRanges(text, { a: '^2.0.0', b: '2', c: '3' }))).toEqual(after)
    expect(() => withRanges(text, { a: '^2.0.0' })).toThrow('which version of b')
  })

  it('imports its own files and its dependencies, and nothing of this repository', () => {
    const sources = files.filter((file) => file.endsWith('.ts'))
    expect(sources.length).toBeGreaterThan(5)
    for (const { file, specifier } of sources.flatMap((source) => importsOf(source, read(source)))) {
      if (specifier.startsWith('.')) expect(files, file).toContain(posix.join(posix.dirname(file), specifier))
      else if (!specifier.startsWith('node:')) {
        const { dependencies, devDependencies } = manifest
        const allowed = file.endsWith('.test.ts') ? { ...dependencies, ...devDependencies } : dependencies
        const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
        expect(Object.keys(allowed), `${file} imports ${specifier}`).toContain(name)
      }
    }
  })

  it('names existing files, and links that work after it is copied', () => {
    const readme = read('README.md')
    const named = [...readme.matchAll(/`((?:src\/)?[\w.-]+\.ts|Dockerfile|\.dockerignore)`/g)].map(
      ([, name]) => name,
    )
    const own = files.filter((file) => file.startsWith('src/'))
    expect(own.filter((file) => !named.includes(file))).toEqual([])
    expect(named.filter((file = '') => !files.includes(file))).toEqual([])
    const main = `${repositoryAddress()}/blob/main/`
    const links = linksOf(readme).map(({ url }) => url.split('#')[0] ?? '')
    expect(links.length).toBeGreaterThan(0)
    for (const link of links) {
      expect(link.startsWith(main), link).toBe(true)
      expect(repositoryFiles(), link).toContain(link.slice(main.length))
    }
  })
})

/* What can be known of an image without building it. npm run test:consumer does its steps, but for Docker itself. */
describe('the Dockerfile of the starter project', () => {
  const instructions = read('Dockerfile')
    .split('\n')
    .map((line) => /^([A-Z]+) (.+)$/.exec(line))
    .filter((found) => found !== null)
    .map(([, name = '', rest = '']) => ({ name, rest }))
  const all = (name: string) => instructions.filter((one) => one.name === name).map(({ rest }) => rest)
  const one = (name: string) => {
    const [rest = '', ...more] = all(name)
    expect(more, name).toEqual([])
    return rest
  }
  const environment = Object.fromEntries(
    one('ENV')
      .split(' ')
      .map((pair) => pair.split('=')),
  ) as Record<string, string>

  it('copies files that exist or that npm install has written, and .dockerignore allows them', () => {
    const sources = all('COPY')
      .filter((rest) => !rest.startsWith('--from'))
      .flatMap((rest) => rest.split(' ').slice(0, -1))
    const there = [...new Set(files.flatMap((file) => [file, file.split('/')[0] ?? '']))]
    expect(sources).toContain('src')
    expect(sources.filter((name) => !there.includes(name))).toEqual(['package-lock.json'])
    const ignore = read('.dockerignore').split('\n')
    expect(sources.filter((name) => !ignore.includes(`!${name}`))).toEqual([])
  })

  it('takes from its first stage the files that the stage makes', () => {
    const { compilerOptions } = JSON.parse(read('tsconfig.json')) as { compilerOptions: { outDir: string } }
    const taken = all('COPY')
      .filter((rest) => rest.startsWith('--from=build'))
      .map((rest) => /^--from=build \/app\/(\S+) /.exec(rest)?.[1])
    expect(taken).toEqual(['package.json', 'node_modules', compilerOptions.outDir])
    expect(all('FROM')[0]).toMatch(/ AS build$/)
  })

  it('runs scripts and programs that exist', () => {
    for (const command of all('RUN')) {
      const script = /^npm run ([\w:]+)$/.exec(command)?.[1]
      if (script !== undefined) expect(Object.keys(manifest.scripts)).toContain(script)
      else expect(command).toMatch(/^npm (?:ci|prune --omit=dev) --ignore-scripts$/)
    }
    const command = JSON.parse(one('CMD')) as readonly string[]
    expect(command.join(' ')).toBe(manifest.scripts.start)
    expect(files).toContain(command.at(-1)?.replace('build/', 'src/').replace('.js', '.ts'))
  })

  it('runs as a user without privileges, at the ports that its server reads and its check requests', () => {
    expect(one('USER')).toBe('node')
    expect(one('EXPOSE')).toBe(`${environment.PORT} ${environment.PROBES_PORT}`)
    const server = read('src/server.ts')
    const names = Object.keys(environment).filter((name) => name !== 'NODE_ENV')
    expect(names.filter((name) => !new RegExp(`\\b${name} = '`).test(server))).toEqual([])
    const [, path = ''] =
      new RegExp(`127\\.0\\.0\\.1:${environment.PROBES_PORT}(/\\w+)'`).exec(one('HEALTHCHECK')) ?? []
    expect(read('src/probes.ts')).toContain(`'${path}'`)
    expect(path).not.toBe('')
  })
})
