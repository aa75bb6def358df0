/**
 * What our pages do in a browser beyond htmx: follow what is live, keep open what was open, draw charts. Everything is
 * read from data attributes, as text or JSON; nothing is evaluated and no markup is built from data.
 */
export const clientScript = `'use strict'
;(() => {
  const follow = (element) => {
    if (typeof EventSource === 'undefined') return
    const source = new EventSource(element.dataset.live)
    source.addEventListener('changed', () => htmx.trigger(element, 'restock:changed'))
    source.addEventListener('ended', () => {
      source.close()
      htmx.trigger(element, 'restock:changed')
      element.removeAttribute('data-live')
    })
    addEventListener('pagehide', () => source.close())
  }

  // What is swapped comes closed from the server; what a person has opened stays open.
  let open = []
  document.addEventListener('htmx:beforeSwap', (event) => {
    open = [...event.detail.target.querySelectorAll('details[id][open]')].map(({ id }) => id)
  })
  document.addEventListener('htmx:afterSettle', (event) => {
    for (const id of open) {
      const element = document.getElementById(id)
      if (element instanceof HTMLDetailsElement) element.open = true
    }
    open = []
    drawAll(document)
  })

  const charts = new Map()
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim()
  const draw = (element) => {
    const chart = JSON.parse(element.dataset.chart)
    const dots = (stroke) => ({ show: true, size: 9, stroke, fill: stroke })
    const styles = {
      line: () => ({ stroke: colour('--chart-line'), width: 2, points: { show: false } }),
      steps: () => ({ stroke: colour('--chart-line'), width: 2, points: { show: true, size: 6 }, paths: uPlot.paths.stepped({ align: 1 }) }),
      second: () => ({ stroke: colour('--chart-second'), width: 2, points: { show: true, size: 6 }, paths: uPlot.paths.stepped({ align: 1 }) }),
      third: () => ({ stroke: colour('--chart-third'), width: 2, points: { show: true, size: 6 }, paths: uPlot.paths.stepped({ align: 1 }) }),
      guide: () => ({ stroke: colour('--chart-guide'), width: 1, dash: [5, 4], points: { show: false } }),
      order: () => ({ paths: () => null, points: dots(colour('--chart-order')), stroke: colour('--chart-order') }),
      receipt: () => ({ paths: () => null, points: dots(colour('--chart-receipt')), stroke: colour('--chart-receipt') }),
    }
    const axis = { stroke: colour('--chart-text'), grid: { stroke: colour('--chart-grid'), width: 1 }, ticks: { stroke: colour('--chart-grid'), width: 1 } }
    const value = (_plot, number) => (number == null ? '–' : Number(number.toFixed(3)) + ' ' + chart.unit)
    const tzDate = (seconds) => uPlot.tzDate(new Date(seconds * 1000), chart.timeZone)
    const [day, time, whole] = ['{MM}-{DD}', '{HH}:{mm}', '{YYYY}-{MM}-{DD} {HH}:{mm}'].map((text) => uPlot.fmtDate(text))
    const dates = (_plot, splits, _axis, _space, step) => splits.map((seconds) => (step >= 86400 ? day : time)(tzDate(seconds)))
    const options = {
      width: Math.max(240, element.clientWidth),
      height: 240,
      tzDate,
      cursor: { drag: { x: true, y: false } },
      scales: { y: { range: (_plot, low, high) => [chart.fromZero ? 0 : low - (high - low || high || 1) * 0.1, high + (high - low || high || 1) * 0.1] } },
      axes: [{ ...axis, values: dates }, { ...axis, size: 60 }],
      series: [{ label: 'When', value: (_plot, seconds) => (seconds == null ? '–' : whole(tzDate(seconds))) }, ...chart.series.map((series) => ({ label: series.label, spanGaps: true, value, ...styles[series.style]() }))],
    }
    charts.get(element)?.destroy()
    charts.set(element, new uPlot(options, chart.data, element))
  }
  const drawAll = (root) => {
    if (typeof uPlot === 'undefined') return
    for (const element of root.querySelectorAll('[data-chart]')) if (!charts.has(element)) draw(element)
  }
  const redraw = () => {
    for (const element of charts.keys()) if (element.isConnected) draw(element)
  }
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw)
  let resizing
  addEventListener('resize', () => {
    clearTimeout(resizing)
    resizing = setTimeout(redraw, 150)
  })

  const start = () => {
    for (const element of document.querySelectorAll('[data-live]')) follow(element)
    drawAll(document)
  }
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', start)
  else start()
})()
`
