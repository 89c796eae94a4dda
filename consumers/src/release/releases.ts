import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Checkout, Ended } from './checkout.ts'
import { checkInstalled } from './installed.ts'
import type { Publications } from './publications.ts'
import { makeVersions, pendingChangesets, type Versions } from './versioning.ts'

/** The system whose addon is packed here, and the package that holds it. */
const target = 'linux-x64-gnu'
const core = '@frameport/iocp-core'
const addon = `${core}-${target}`

interface Parts {
  readonly checkout: Checkout
  /** For the tarballs, and the second copy. */
  readonly folder: string
  readonly registry: string
  /** Npm's settings: a file with a token for the registry. */
  readonly settings: string
  readonly publications: Publications
  say(sentence: string): void
}

interface Packed {
  readonly folder: string
  /** In the order of publishing. */
  readonly tarballs: readonly { readonly name: string; readonly version: string; readonly file: string }[]
}

/** One release after the other, each based on the published versions of the one before. Every method throws if its release fails. */
export class Releases {
  readonly #parts: Parts
  #tags: readonly string[] = []

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** A release of everything; its bytes equal those of a second copy, and its publication is interrupted twice. */
  async first(): Promise<void> {
    const { checkout, folder, say } = this.#parts
    // Between two releases there may be nothing to release.
    if (pendingChangesets(checkout).length === 0) await this.#ask('first', `'${core}': patch`)
    this.#tags = await this.#allTags()
    const again = checkout.copiedTo(join(folder, 'elsewhere'))
    const versions = await makeVersions(checkout)
    say(`first release: ${listed(versions)}`)
    const tags = [...versions].map(([name, version]) => `${name}@${version}`)
    await this.#tag(tags.filter((tag) => !this.#tags.includes(tag)))
    const packed = await this.#pack(checkout, versions, 'first')
    await makeVersions(again)
    checkSame(checkout, again)
    assert.deepEqual(digests(await this.#pack(again, versions, 'first-again')), digests(packed))
    say('a second copy gives the same bytes')

    const names = packed.tarballs.map(({ name }) => name)
    await this.#cut(packed, 3, 'refused', names.slice(0, 3))
    await this.#cut(packed, 2, 'unanswered', names.slice(2, 4))
    await this.#publish(packed, names.slice(4))
    await this.#publish(packed, [])
    await checkInstalled(this.#parts.registry, new Map([...versions, [addon, versions.get(core) ?? '']]))
    say('a publication that was cut goes on, and what it published runs')
  }

  /** A release of the core, which only its addons have to follow. */
  async patchOfOne(): Promise<void> {
    await this.#next('second', `'${core}': patch`, [addon, core])
  }

  /** A release of the framing, which all packages that need it in its former range have to follow. */
  async changeThatOthersFollow(): Promise<void> {
    const followers = ['protocol', 'client', 'server', 'broker-nats', 'testing'].map(
      (name) => `@frameport/${name}`,
    )
    await this.#next('third', `'@frameport/framing': major`, ['@frameport/framing', ...followers])
  }

  /** A release with one changeset. @param published the packages that are sent to the registry, and no others */
  async #next(name: string, bump: string, published: readonly string[]): Promise<void> {
    const { checkout, registry, say } = this.#parts
    await this.#ask(name, bump)
    const versions = await makeVersions(checkout)
    say(`${name} release: ${listed(versions)}`)
    const own = published.filter((one) => one !== addon)
    await this.#tag(own.map((one) => `${one}@${versions.get(one)}`))
    await this.#publish(await this.#pack(checkout, versions, name), published)
    await checkInstalled(registry, new Map([...versions, [addon, versions.get(core) ?? '']]))
    say(`of it ${published.join(', ')} went to the registry, and runs`)
  }

  /** Commits a changeset. */
  async #ask(name: string, bump: string): Promise<void> {
    const { checkout } = this.#parts
    const summary = `What the ${name} release is made for.`
    checkout.write(`.changeset/${name}-release.md`, `---\n${bump}\n---\n\n${summary}\n`)
    await checkout.commit(`Ask for the ${name} release`)
  }

  async #allTags(): Promise<readonly string[]> {
    return (await this.#parts.checkout.git('tag')).stdout.trim().split('\n')
  }

  /** As described in RELEASING.md. Earlier tags are kept. */
  async #tag(added: readonly string[]): Promise<void> {
    const { checkout } = this.#parts
    await checkout.npm('exec', '--', 'changeset', 'tag')
    const tags = await this.#allTags()
    const fresh = tags.filter((tag) => !this.#tags.includes(tag) && tag.startsWith('@frameport/'))
    assert.deepEqual(fresh.sort(), [...added].sort(), 'the tags that links of the READMEs lead to')
    this.#tags = tags
    for (const tag of fresh) {
      const manifest = (await checkout.git('show', `${tag}:packages/${folderOf(tag)}/package.json`)).stdout
      assert.ok(
        tag.endsWith(`@${JSON.parse(manifest).version}`),
        `${tag} is at another commit than its version`,
      )
    }
  }

  async #pack(checkout: Checkout, versions: Versions, name: string): Promise<Packed> {
    const folder = join(this.#parts.folder, name)
    await checkout.npm('run', '--silent', 'release:pack', '--', '--to', folder, '--target', target)
    const tarballs = JSON.parse(readFileSync(join(folder, 'release.json'), 'utf8')) as Packed['tarballs']
    const packed = new Map(tarballs.map((tarball) => [tarball.name, tarball.version]))
    const expected = new Map([...versions, [addon, versions.get(core) ?? '']])
    assert.deepEqual([...packed].sort(), [...expected].sort())
    return { folder, tarballs }
  }

  #runPublish({ folder }: Packed): Promise<Ended> {
    const { checkout, registry, settings } = this.#parts
    const args = ['run', '--silent', 'release:publish', '--', '--from', folder, '--registry', registry]
    // Npm itself would retry, after seconds.
    return checkout.run('npm', args, { npm_config_userconfig: settings, npm_config_fetch_retries: '0' })
  }

  /** A publication in which one upload fails ends with an error, after the earlier uploads. */
  async #cut(packed: Packed, number: number, fault: 'refused' | 'unanswered', sent: readonly string[]) {
    const { publications } = this.#parts
    publications.fail(number, fault)
    const { code, stdout, stderr } = await this.#runPublish(packed)
    assert.notEqual(code, 0, `a publication that is ${fault} was no failure:\n${stdout}${stderr}`)
    assert.deepEqual(publications.take(), sent)
  }

  /** Checks that these are sent to the registry; all others must be reported as present. */
  async #publish(packed: Packed, sent: readonly string[]): Promise<void> {
    const { code, stdout, stderr } = await this.#runPublish(packed)
    assert.equal(code, 0, `${stdout}${stderr}`)
    assert.deepEqual(this.#parts.publications.take(), sent, stdout)
    const sentences = packed.tarballs.map(({ name, version }) =>
      sent.includes(name) ? `${name} ${version} is published.` : `${name} ${version} is published already.`,
    )
    assert.deepEqual(stdout.trim().split('\n'), sentences)
  }
}

function folderOf(tag: string): string {
  return tag.slice('@frameport/'.length, tag.lastIndexOf('@'))
}

function listed(versions: Versions): string {
  return [...versions].map(([name, version]) => `${name.replace('@frameport/', '')} ${version}`).join(', ')
}

function digests({ folder, tarballs }: Packed) {
  return tarballs.map(({ name, file }) => {
    const bytes = readFileSync(join(folder, file))
    return `${name} ${createHash('sha256').update(bytes).digest('hex')}`
  })
}

/** The output of release:version is the same in both. */
function checkSame(one: Checkout, other: Checkout): void {
  const written = [...one.manifests().keys()].flatMap((folder) => [
    `${folder}/package.json`,
    `${folder}/CHANGELOG.md`,
  ])
  for (const file of ['package-lock.json', ...written].filter((name) => existsSync(join(one.folder, name))))
    assert.equal(other.read(file), one.read(file), `${file} differs in a second copy`)
}
