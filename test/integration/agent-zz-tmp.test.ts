import { test } from 'vitest'
import { openTestShop } from '../helpers/cafe.js'
test('print', async () => {
  const shop = await openTestShop()
  const t = performance.now()
  const run = await shop.run({ instructions: 'x' })
  console.log(Math.round(performance.now() - t), 'ms', JSON.stringify(run.outcome.usage))
  console.log(run.outcome.summary)
  const dry = await shop.run({ dryRun: true })
  console.log(dry.outcome.summary)
  await shop.close()
})
