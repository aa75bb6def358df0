import { expect, test } from 'vitest'
import { readAnswer } from '../../src/agent/answer.js'

test('a JSON object is read, alone, in a fence or after a sentence', () => {
  const json = '{"summary":"Bought milk.","ordered":["itm_1"],"skipped":[{"item_id":"itm_2","reason":"too dear"}]}'
  const answer = {
    summary: 'Bought milk.',
    ordered: ['itm_1'],
    skipped: [{ itemId: 'itm_2', reason: 'too dear' }],
  }
  for (const text of [json, `\`\`\`json\n${json}\n\`\`\``, `Here it is: ${json}`])
    expect(readAnswer(text)).toEqual(answer)
})

test('plain text and broken JSON become the summary', () => {
  for (const text of ['I bought milk.', '{"summary":', 'done }{']) {
    expect(readAnswer(text)).toEqual({ summary: text, skipped: [], ordered: [] })
  }
})

test('wrong parts are dropped without the rest', () => {
  expect(
    readAnswer('{"summary": 7, "skipped": [{"item_id":"itm_1"}, "itm_2", {"reason":"?"}], "ordered": "all"}'),
  ).toEqual({ summary: '', skipped: [{ itemId: 'itm_1', reason: 'no reason given' }], ordered: [] })
})

test('endless words are cut', () => {
  const { summary, skipped } = readAnswer(
    JSON.stringify({ summary: 'x'.repeat(10_000), skipped: [{ item_id: 'itm_1', reason: 'y'.repeat(10_000) }] }),
  )
  expect(summary).toHaveLength(2_000)
  expect(skipped[0]?.reason).toHaveLength(300)
})
