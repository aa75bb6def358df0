import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import {
  expectNoProcessLeft,
  type RestockProcess,
  removeData,
  restock,
  startRestock,
} from '../helpers/restock-process.js'

const home = join(tmpdir(), `restock-backup-${randomBytes(4).toString('hex')}`)
const running: RestockProcess[] = []
afterEach(async () => {
  for (const { child } of running.splice(0)) child.kill('SIGKILL')
  await expectNoProcessLeft(home)
})
afterAll(() => removeData(home))

describe('a backup of the embedded database', () => {
  it('is written while Restock is up, and put into a new folder or in place of what is there when it is not', async () => {
    const dataDir = join(home, 'data')
    const file = join(home, 'cafe.backup')
    const on = (folder: string) => (args: string[]) => restock([...args, '--data-dir', folder])
    const here = on(dataDir)
    const up = startRestock(['up', '--data-dir', dataDir], { env: { RESTOCK_WEB_PORT: '0' } })
    running.push(up)
    await up.says(/is up/, 60_000)
    expect((await here(['run', '--wait'])).code).toBe(0)
    const items = (await here(['items', 'list', '--json'])).stdout
    const written = await here(['backup', file, '--json'])
    expect(written.code, written.stderr).toBe(0)

    const busy = await here(['restore', file, '--replace'])
    expect(busy.code).toBe(2)
    expect(busy.stderr).toMatch(/^restock: The database is in use by .*restock-up/)
    up.child.kill('SIGTERM')
    expect(await up.ended, up.stderr()).toBe(0)

    const fresh = on(join(home, 'new'))
    const moved = await fresh(['restore', file])
    expect(moved.code, moved.stderr).toBe(0)
    expect((await fresh(['items', 'list', '--json'])).stdout).toBe(items)
    const replaced = await here(['restore', file, '--replace'])
    expect(replaced.stdout, replaced.stderr).toMatch(/What was here before is kept as the database restock_before_\d+/)
    const checked = await here(['doctor', '--deep'])
    expect(checked.stdout).toMatch(/invariants hold/)
    expect(checked.stdout).toMatch(/PAUSED for every list, by restoring the backup of/)
    expect((await here(['restore', '--discard-replaced'])).stdout).toMatch(/^Deleted restock_before_/)

    const nothing = await on(join(home, 'nowhere'))(['backup', join(home, 'none.backup')])
    expect(nothing.code).toBe(2)
    expect(nothing.stderr).toMatch(/^restock: There is no database in \S+nowhere to back up; name the data folder/)
    expect(existsSync(join(home, 'nowhere'))).toBe(false)
  }, 240_000)
})
