import { execFile } from 'node:child_process'
import { arch, cpus, hostname, platform, release, totalmem } from 'node:os'
import { loadstoneVersion } from '../../base/index.ts'
import type { RunEnvironment } from '../../store/index.ts'

/** A repository on a slow disk does not keep a run waiting for longer. */
const gitLimitMs = 2000

/** Where and with what this process makes a run. */
export async function runEnvironment(): Promise<RunEnvironment> {
  const processors = cpus()
  const git = await gitFacts()
  return {
    loadstoneVersion,
    nodeVersion: process.version,
    system: `${platform()} ${arch()} ${release()}`,
    host: hostname(),
    cpuModel: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryBytes: totalmem(),
    ...(git && { git }),
  }
}

/** Of the working directory; undefined without a repository, a commit, or git. */
async function gitFacts(): Promise<RunEnvironment['git']> {
  const text = await gitStatus()
  const commit = /^# branch\.oid ([0-9a-f]{7,})$/m.exec(text)?.[1]
  const branch = /^# branch\.head (.+)$/m.exec(text)?.[1]
  if (commit === undefined || branch === undefined) return undefined
  return { commit, branch, dirty: /^[^#\n]/m.test(text) }
}

function gitStatus(): Promise<string> {
  const args = ['--no-optional-locks', 'status', '--porcelain=v2', '--branch']
  return new Promise(resolve => {
    execFile(
      'git',
      [...args, '--untracked-files=no'],
      { timeout: gitLimitMs, killSignal: 'SIGKILL', maxBuffer: 16e6 },
      (error, stdout) => resolve(error === null ? stdout : ''),
    )
  })
}
