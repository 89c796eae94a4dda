// The lines of changelogs. Each ends with a link to its commit, at the address that the root's package.json has: without
// the network, so that a version can be made, and tested, anywhere.
const { repository } = require('../package.json')

const address = repository.url.replace(/^git\+/, '').replace(/\.git$/, '')

const linkTo = (commit) => `([${commit.slice(0, 7)}](${address}/commit/${commit}))`

async function getReleaseLine({ summary, commit }) {
  const text = summary.trim() + (commit === undefined ? '' : ` ${linkTo(commit)}`)
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
