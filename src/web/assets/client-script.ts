/**
 * What our pages do in a browser beyond htmx: follow what is live and say when it can't be followed, keep open what was
 * open and focused what was focused, send a form once, draw charts. Everything is read from data attributes, as text or
 * JSON; nothing is evaluated and no markup is built from data.
 */
export const clientScript = `'use strict'
;(() => {
  const sayLost = (isLost) => {
    const notice = document.getElementById('lost')
    if (notice) notice.hidden = !isLost
  }
  const follow = (element) => {
    if (typeof EventSource === 'undefined') return
    let source
    let isOver = false
    let losing
    const connect = () => {
      source = new EventSource(element.dataset.live)
      source.addEventListener('open', () => {
        clearTimeout(losing)
        losing = undefined
        sayLost(false)
      })
      source.addEventListener('changed', () => htmx.trigger(element, 'restock:changed'))
      source.addEventListener('ended', () => {
        isOver = true
        source.close()
        htmx.trigger(element, 'restock:changed')
        element.removeAttribute('data-live')
        // “It is queued” is no news any more.
        document.querySelector('#main > .notice.good')?.remove()
      })
      // The login has ended: asked for again, the page leads there.
      source.addEventListener('left', () => {
        isOver = true
        source.close()
        location.reload()
      })
      source.addEventListener('error', () => {
        if (isOver) return
        losing ??= setTimeout(() => sayLost(true), 1500)
        // After an answer that is no stream, browsers don't try again.
        if (source.readyState === EventSource.CLOSED) setTimeout(connect, 5000)
      })
    }
    connect()
    addEventListener('pagehide', () => {
      isOver = true
      clearTimeout(losing)
      source.close()
    })
  }
  document.addEventListener('htmx:sendError', () => sayLost(true))
  document.addEventListener('htmx:afterRequest', (event) => {
    if (event.detail.successful) sayLost(false)
  })

  // What takes a while shows it, and is not sent twice. Whoever stops the browser may try again.
  const unlock = (form) => {
    delete form.dataset.sent
    for (const button of form.querySelectorAll('[aria-busy]')) button.removeAttribute('aria-busy')
  }
  document.addEventListener('submit', (event) => {
    const form = event.target
    if (event.defaultPrevented || form.method !== 'post') return
    if (form.dataset.sent) return event.preventDefault()
    form.dataset.sent = 'yes'
    event.submitter?.setAttribute('aria-busy', 'true')
    setTimeout(unlock, 20000, form)
  })
  // Back from the next page: the page is as it was left, and follows nothing any more.
  addEventListener('pageshow', (event) => {
    if (!event.persisted) return
    document.querySelectorAll('form[data-sent]').forEach(unlock)
    document.querySelectorAll('[data-live]').forEach(follow)
  })

  const menu = document.querySelector('details.menu')
  const closeMenu = () => {
    if (menu) menu.open = false
  }
  document.addEventListener('click', ({ target }) => {
    if (!menu?.contains(target)) closeMenu()
  })
  document.addEventListener('keydown', ({ key }) => {
    if (key !== 'Escape' || !menu?.open) return
    closeMenu()
    menu.querySelector('summary').focus()
  })

  // What is swapped comes closed and without focus from the server; what a person has opened or is at stays so.
  const nameOf = (element) => element.id || element.getAttribute('href') || element.closest('form')?.getAttribute('action') || ''
  const focusable = (root) => [...root.querySelectorAll('a[href], button, summary, input, select')]
  let open = []
  let focused = null
  document.addEventListener('htmx:beforeSwap', ({ detail: { target } }) => {
    open = [...target.querySelectorAll('details[id][open]')].map(({ id }) => id)
    const at = document.activeElement
    focused = target.contains(at) ? { name: nameOf(at), tag: at.tagName } : null
  })
  document.addEventListener('htmx:afterSettle', (event) => {
    for (const id of open) {
      const element = document.getElementById(id)
      if (element instanceof HTMLDetailsElement) element.open = true
    }
    open = []
    if (focused && document.activeElement === document.body) {
      const { name, tag } = focused
      focusable(document.getElementById('main')).find((each) => each.tagName === tag && nameOf(each) === name)?.focus({ preventScroll: true })
    }
    focused = null
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
      guide: () => ({ stroke: colour('--chart-guide'), width: 1.5, dash: [6, 4], points: { show: false } }),
      level: () => ({ stroke: colour('--chart-level'), width: 1.5, dash: [2, 4], points: { show: false } }),
      order: () => ({ paths: () => null, points: dots(colour('--chart-order')), stroke: colour('--chart-order') }),
      receipt: () => ({ paths: () => null, points: dots(colour('--chart-receipt')), stroke: colour('--chart-receipt') }),
    }
    const axis = { stroke: colour('--chart-text'), grid: { stroke: colour('--chart-grid'), width: 1 }, ticks: { stroke: colour('--chart-grid'), width: 1 } }
    const value = (_plot, number) => (number == null ? '–' : Number(number.toFixed(3)) + ' ' + chart.unit)
    const tzDate = (seconds) => uPlot.tzDate(new Date(seconds * 1000), chart.timeZone)
    const [day, time, whole] = ['{D} {MMM}', '{HH}:{mm}', '{YYYY}-{MM}-{DD} {HH}:{mm}'].map((text) => uPlot.fmtDate(text))
    const dates = (_plot, splits, _axis, _space, step) => splits.map((seconds) => (step >= 86400 ? day : time)(tzDate(seconds)))
    const options = {
      width: Math.max(240, element.clientWidth),
      height: 240,
      tzDate,
      cursor: { drag: { x: true, y: false } },
      scales: { y: { range: (_plot, low, high) => [chart.fromZero ? 0 : low - (high - low || high || 1) * 0.1, high + (high - low || high || 1) * 0.1] } },
      axes: [
        { ...axis, values: dates },
        { ...axis, size: 44 + 7 * chart.unit.length, values: (_plot, splits) => splits.map((number) => number + ' ' + chart.unit) },
      ],
      legend: { markers: { width: 0, fill: (plot, index) => plot.series[index].stroke(plot, index) } },
      // Where nobody points, the legend says how it is now.
      hooks: { setCursor: [(plot) => plot.cursor.idx == null && plot.setLegend({ idx: plot.data[0].length - 1 })] },
      series: [{ label: 'When', value: (_plot, seconds) => (seconds == null ? '–' : whole(tzDate(seconds))) }, ...chart.series.map((series) => ({ label: series.label, spanGaps: true, value, ...styles[series.style]() }))],
    }
    charts.get(element)?.destroy()
    const plot = new uPlot(options, chart.data, element)
    plot.setLegend({ idx: chart.data[0].length - 1 })
    charts.set(element, plot)
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
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
    for (const input of document.querySelectorAll('[data-time-zone]')) input.value = timeZone || input.value
    for (const element of document.querySelectorAll('[data-live]')) follow(element)
    drawAll(document)
  }
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', start)
  else start()
})()
`
