import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin'

/** Two words with a space between them: codes, kinds and names of this repository have no spaces. */
const prose = /[a-z,;:'})]\s+[a-z$]/i

/** @param {import('@stryker-mutator/api/ignore').NodePath} path */
function textOf({ node }) {
  if (node.type === 'StringLiteral') return node.value
  if (node.type === 'TemplateLiteral') return node.quasis.map(({ value }) => value.raw).join('}')
  return ''
}

/** Leaves out the sentences of errors and logs: their wording is free, their codes and fields are not. */
export const strykerPlugins = [
  declareValuePlugin(PluginKind.Ignore, 'texts-for-people', {
    shouldIgnore: (path) => (prose.test(textOf(path)) ? 'a text for people' : undefined),
  }),
]
