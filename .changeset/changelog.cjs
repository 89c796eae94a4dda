// The lines of changelogs. Each ends with a link to its commit, at the address that the root's package.json has: without
// the network, so that a version can be made, and tested, anywhere.
const { posix } = require('node:path')
const { repository } = require('../package.json')

const address = repository.url.replace(/^git\+/, '').replace(/\.git$/, '')

const linkTo = (commit) => `([${commit.slice(0, 7)}](${address}/commit/${commit}))`

/**
 * Links of a changeset begin at its own folder. In a changelog they lead to the file as it was at the commit: what a line
 * of an old version links to may have gone since. A changeset that is not committed gets the place of the file now.
 */
function withPlaces(summary, commit) {
  return summary.replace(/\]\((\.{1,2}\/[^)\s]+)\)/g, (_, url) => {
    const path = posix.join('.changeset', url)
    return commit === undefined ? `](../../${path})` : `](${address}/blob/${commit}/${path})`
  })
}

async function getReleaseLine({ summary, commit }) {
  const text = withPlaces(summary.trim(), commit) + (commit === undefined ? '' : ` ${linkTo(commit)}`)
  const [first, ...rest] = text.split('\n').map((line) => line.trimEnd())
  return [`- ${first}`, ...rest.map((line) => (line === '' ? '' : `  ${line}`))].join('\n')
}

async function getDependencyReleaseLine(_changesets, updated) {
  if (updated.length === 0) return ''
  return ['- Needs now:', ...updated.map(({ name, newVersion }) => `  - ${name} ${newVersion}`)].join('\n')
}

module.exports = {
  default: { getReleaseLine, getDependencyReleaseLine },
  getReleaseLine,
  getDependencyReleaseLine,
}
