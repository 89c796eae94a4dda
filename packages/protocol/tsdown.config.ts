import { packageBuild } from '../../tsdown.base.ts'

export default packageBuild({
  entry: {
    index: 'src/index.ts',
    contract: 'src/contract/index.ts',
    envelope: 'src/envelope/index.ts',
    session: 'src/session/index.ts',
    checks: 'src/checks/index.ts',
    calling: 'src/calling/index.ts',
    serving: 'src/serving/index.ts',
    comparison: 'src/comparison/index.ts',
  },
  apart: /\/(protocol-error|rpc-error)\.ts$/,
})
