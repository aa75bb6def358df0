/** The whole look of our own pages. In a module, not a file beside it: the compiler leaves nothing behind. */
export const stylesheet = `
:root {
  color-scheme: light dark;
  --ink: #1c2321; --soft: #5c6864; --line: #dde3e0; --paper: #fbfcfb; --card: #ffffff; --link: #14604e;
  --good: #17663f; --good-bg: #e2f3e8; --warn: #7a4d00; --warn-bg: #fdf0d5; --bad: #9c2525; --bad-bg: #fbe5e3; --dull-bg: #edf0ef;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e6ebe9; --soft: #9faba7; --line: #313a37; --paper: #141817; --card: #1b211f; --link: #7fd0b8;
    --good: #8edbae; --good-bg: #173325; --warn: #f0c674; --warn-bg: #3a2e12; --bad: #f2a39c; --bad-bg: #411f1d; --dull-bg: #262d2b;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
a { color: var(--link); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
header { border-bottom: 1px solid var(--line); background: var(--card); }
header, main { padding: 0.75rem max(1rem, calc((100% - 62rem) / 2)); }
header nav { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; align-items: baseline; }
header .name { font-weight: 700; color: var(--ink); text-decoration: none; }
h1 { font-size: 1.5rem; margin: 0.75rem 0; }
h2 { font-size: 1.15rem; margin: 2rem 0 0.5rem; }
h3 { font-size: 1rem; margin: 0; }
.soft { color: var(--soft); }
.small { font-size: 0.875rem; }
.number { font-variant-numeric: tabular-nums; white-space: nowrap; }
.cards { list-style: none; margin: 0; padding: 0; display: grid; gap: 0.75rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 0.75rem 1rem; overflow-wrap: anywhere; }
.card > p { margin: 0.25rem 0 0; }
.card ul { margin: 0.25rem 0; padding-left: 1.25rem; }
.row { display: flex; flex-wrap: wrap; gap: 0.15rem 0.75rem; align-items: baseline; }
.row .last { margin-left: auto; }
.badge { display: inline-block; border-radius: 99px; padding: 0 0.6em; font-size: 0.8125rem; white-space: nowrap; background: var(--dull-bg); }
.badge.good { background: var(--good-bg); color: var(--good); }
.badge.warn { background: var(--warn-bg); color: var(--warn); }
.badge.bad { background: var(--bad-bg); color: var(--bad); }
dl.facts { display: grid; grid-template-columns: max-content 1fr; gap: 0.15rem 1rem; margin: 0.75rem 0; }
dl.facts dt { color: var(--soft); }
dl.facts dd { margin: 0; overflow-wrap: anywhere; }
table { width: 100%; border-collapse: collapse; }
th, td { text-align: left; vertical-align: top; padding: 0.35rem 0.75rem 0.35rem 0; border-bottom: 1px solid var(--line); overflow-wrap: break-word; }
td:first-child { min-width: 10rem; }
th { font-size: 0.875rem; font-weight: 600; color: var(--soft); }
th.number, td.number { text-align: right; }
tr:last-child td { border-bottom: 0; }
td.wide { overflow-wrap: anywhere; font-size: 0.875rem; line-height: 1.7; }
details { margin-top: 1.5rem; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 0.75rem 1rem; }
.notice { border-radius: 8px; padding: 0.5rem 1rem; background: var(--bad-bg); color: var(--bad); }
@media (max-width: 40rem) {
  dl.facts { grid-template-columns: 1fr; }
  dl.facts dd { margin-bottom: 0.35rem; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tbody tr { display: block; padding: 0.5rem 0; border-bottom: 1px solid var(--line); }
  tbody tr:last-child { border-bottom: 0; }
  td { display: flex; gap: 0.75rem; justify-content: space-between; border: 0; padding: 0.1rem 0; }
  td::before { content: attr(data-label); color: var(--soft); flex: none; }
  td:first-child { font-weight: 600; }
  td:first-child::before, td.wide::before { content: none; }
  td.wide { display: block; }
}
`.trimStart()
