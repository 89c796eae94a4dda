import { join } from 'node:path'
import { type BuildOptions, build as buildWithEsbuild, version as esbuildVersion } from 'esbuild'
import { rollup, VERSION as rollupVersion } from 'rollup'
import { build as buildWithVite, createLogger, mergeConfig, version as viteVersion } from 'vite'
import webpack from 'webpack'
import esbuildConfig from '../../fixtures/bundlers/esbuild.config.ts'
import rollupConfig from '../../fixtures/bundlers/rollup.config.ts'
import viteConfig from '../../fixtures/bundlers/vite.config.ts'
import webpackConfig from '../../fixtures/bundlers/webpack.config.ts'

export type Format = 'ESM' | 'CommonJS'

/** A bundler with the configuration that the documentation shows. */
export interface Bundler {
  readonly name: string
  readonly version: string
  /**
   * Makes `dist/server.mjs` or `dist/server.cjs` from `server.mjs` in a folder. Returns the warnings.
   *
   * @throws Error if it fails
   */
  bundle(format: Format, folder: string): Promise<readonly string[]>
}

/** The name of the bundle. */
export function fileOf(format: Format): string {
  return format === 'ESM' ? 'server.mjs' : 'server.cjs'
}

export const bundlers: readonly Bundler[] = [
  {
    name: 'esbuild',
    version: esbuildVersion,
    async bundle(format, folder) {
      const here: BuildOptions = { absWorkingDir: folder, logLevel: 'silent' }
      const own: BuildOptions =
        format === 'ESM' ? here : { ...here, format: 'cjs', outfile: 'dist/server.cjs' }
      const { warnings } = await buildWithEsbuild({ ...esbuildConfig, ...own })
      return warnings.map(({ text, location }) => `${location?.file}: ${text}`)
    },
  },
  {
    name: 'webpack',
    version: webpack.version,
    async bundle(format, folder) {
      const { experiments, output, ...rest } = webpackConfig
      const path = join(folder, 'dist')
      const own: webpack.Configuration =
        format === 'ESM'
          ? { experiments, output: { ...output, path } }
          : { output: { filename: fileOf(format), path } }
      const stats = await packed({ ...rest, ...own, context: folder })
      const { errors = [], warnings = [] } = stats.toJson({ all: false, errors: true, warnings: true })
      if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'))
      return warnings.map(({ moduleName, message }) => `${moduleName}: ${message}`)
    },
  },
  {
    name: 'rollup',
    version: rollupVersion,
    async bundle(format, folder) {
      const warnings: string[] = []
      const { output, ...input } = rollupConfig
      const file = join(folder, 'dist', fileOf(format))
      const bundle = await rollup({
        ...input,
        input: join(folder, input.input),
        onwarn: ({ message }) => void warnings.push(message),
      })
      await bundle.write(format === 'ESM' ? { ...output, file } : { format: 'cjs', file })
      await bundle.close()
      return warnings
    },
  },
  {
    name: 'vite',
    version: viteVersion,
    async bundle(format, folder) {
      const warnings: string[] = []
      const warn = (message: string) => void warnings.push(message)
      const output = format === 'ESM' ? {} : { format: 'cjs', entryFileNames: 'server.cjs' }
      const customLogger = { ...createLogger('warn'), warn, warnOnce: warn }
      const own = { root: folder, configFile: false, customLogger, build: { rollupOptions: { output } } }
      await buildWithVite(mergeConfig(viteConfig, own))
      return warnings
    },
  },
]

function packed(configuration: webpack.Configuration): Promise<webpack.Stats> {
  return new Promise((resolve, reject) => {
    const compiler = webpack(configuration)
    compiler.run((error, stats) => {
      compiler.close(() => {
        if (stats === undefined) reject(error)
        else resolve(stats)
      })
    })
  })
}
