import { spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { FdOutput, SyncOutput } from '../../src/cli/output.ts'

const folder = mkdtempSync(join(tmpdir(), 'kt-output-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('FdOutput', () => {
  it('keeps the order of small and large pieces', async () => {
    const path = join(folder, 'order')
    const fd = openSync(path, 'w')
    const output = new FdOutput(fd)
    const pieces: Buffer[] = []
    for (let i = 0; i < 200; i++) {
      const piece = Buffer.alloc(i % 17 === 0 ? 300_000 : i * 7, 97 + (i % 26))
      pieces.push(piece)
      output.write(piece)
      await output.drain()
    }
    output.write('end\n')
    await output.flush()
    closeSync(fd)
    expect(readFileSync(path).equals(Buffer.concat([...pieces, Buffer.from('end\n')]))).toBe(true)
  })

  it('rejects when it cannot write', async () => {
    const path = join(folder, 'readonly')
    closeSync(openSync(path, 'w'))
    const fd = openSync(path, 'r')
    const output = new FdOutput(fd)
    output.write('x')
    await expect(output.flush()).rejects.toThrow('cannot write to file descriptor')
    closeSync(fd)
  })

  it('goes quiet when the reader has gone', async () => {
    const source = fileURLToPath(new URL('../../src/cli/output.ts', import.meta.url))
    const program = `
      const { FdOutput } = await import(${JSON.stringify(source)})
      const output = new FdOutput(1)
      while (!output.closed) { output.write(Buffer.alloc(100000, 97)); await output.drain() }
      await output.flush()
      process.exit(output.closed ? 7 : 1)`
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    child.stdout.once('data', () => child.stdout.destroy())
    const code = await new Promise((resolve) => child.once('close', resolve))
    expect(code).toBe(7)
  })
})

describe('SyncOutput', () => {
  it('has written when write returns', () => {
    const path = join(folder, 'sync')
    const fd = openSync(path, 'w')
    new SyncOutput(fd).write('now')
    expect(readFileSync(path, 'utf8')).toBe('now')
    closeSync(fd)
  })
})
