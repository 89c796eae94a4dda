import { readFileSync } from 'node:fs'
import { packageBuild } from '../../tsdown.base.ts'

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')) as {
  version: string
}

export default packageBuild({
  entry: { index: 'src/index.ts', tls: 'src/tls.ts', doctor: 'src/doctor/main.ts' },
  define: { FRAMEPORT_CORE_VERSION: JSON.stringify(version) },
})
