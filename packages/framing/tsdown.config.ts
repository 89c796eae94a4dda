import { packageBuild } from '../../tsdown.base.ts'

export default packageBuild({
  entry: { index: 'src/index.ts', checks: 'src/checks.ts', 'web-socket': 'src/web-socket.ts' },
})
