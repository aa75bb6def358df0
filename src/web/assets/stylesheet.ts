/** Our look, on top of Pico's. In a module, not a file beside it: the compiler leaves nothing behind. */
export const stylesheet = `
:root:not([data-theme]) {
  color-scheme: light dark;
  --ink: #1c2321; --soft: #56625e; --line: #dbe2df; --paper: #f7f9f8; --card: #ffffff; --link: #14604e; --tint: #eef4f1;
  --good: #17603b; --good-bg: #def1e5; --warn: #744900; --warn-bg: #fcefd2; --bad: #962222; --bad-bg: #fbe4e2; --dull-bg: #e9edeb;
  --button: #1f6f5c; --button-hover: #175546; --button-ink: #ffffff; --field: #ffffff; --field-line: #a9b6b1;
  --bar: #2f8f77; --bar-coming: #a9d8cb; --bar-mark: #744900; --bar-base: #e4eae7;
  --chart-line: #1f6f5c; --chart-second: #8a5a00; --chart-third: #3f5fa8; --chart-guide: #96702a; --chart-level: #56625e; --chart-order: #3f5fa8; --chart-receipt: #b0521c; --chart-grid: #e4e9e7; --chart-text: #56625e;
}
@media (prefers-color-scheme: dark) {
  :root:not([data-theme]) {
    --ink: #e4e9e7; --soft: #a3afab; --line: #313a37; --paper: #131716; --card: #1a201e; --link: #7fd0b8; --tint: #202826;
    --good: #8edbae; --good-bg: #173325; --warn: #f0c674; --warn-bg: #3a2e12; --bad: #f2a39c; --bad-bg: #411f1d; --dull-bg: #29312e;
    --button: #2a7d69; --button-hover: #34937c; --button-ink: #ffffff; --field: #171c1b; --field-line: #55625d;
    --bar: #4fb59b; --bar-coming: #2b5a4e; --bar-mark: #f0c674; --bar-base: #29312e;
    --chart-line: #6cc7af; --chart-second: #e0b25a; --chart-third: #9db4ee; --chart-guide: #b79a5c; --chart-level: #a3afab; --chart-order: #9db4ee; --chart-receipt: #f0a070; --chart-grid: #2a322f; --chart-text: #a3afab;
  }
}
:root:not([data-theme]) {
  --pico-font-size: 93.75%; --pico-line-height: 1.45; --pico-spacing: 0.8rem; --pico-typography-spacing-vertical: 0.7rem; --pico-border-radius: 6px;
  --pico-form-element-spacing-vertical: 0.4rem; --pico-form-element-spacing-horizontal: 0.65rem;
  --pico-background-color: var(--paper); --pico-color: var(--ink); --pico-muted-color: var(--soft); --pico-muted-border-color: var(--line);
  --pico-h1-color: var(--ink); --pico-h2-color: var(--ink); --pico-h3-color: var(--ink); --pico-h4-color: var(--ink);
  --pico-primary: var(--link); --pico-primary-hover: var(--link); --pico-primary-underline: currentColor; --pico-primary-hover-underline: currentColor;
  --pico-primary-background: var(--button); --pico-primary-border: var(--button); --pico-primary-inverse: var(--button-ink);
  --pico-primary-hover-background: var(--button-hover); --pico-primary-hover-border: var(--button-hover); --pico-primary-focus: var(--link);
  --pico-secondary: var(--ink); --pico-secondary-hover: var(--ink); --pico-secondary-background: var(--card); --pico-secondary-border: var(--field-line);
  --pico-secondary-inverse: var(--ink); --pico-secondary-hover-background: var(--tint); --pico-secondary-hover-border: var(--field-line); --pico-secondary-focus: var(--link);
  --pico-form-element-background-color: var(--field); --pico-form-element-border-color: var(--field-line); --pico-form-element-color: var(--ink);
  --pico-form-element-placeholder-color: var(--soft); --pico-form-element-active-background-color: var(--field); --pico-form-element-active-border-color: var(--link); --pico-form-element-focus-color: var(--link);
  --pico-table-border-color: var(--line); --pico-code-background-color: var(--dull-bg); --pico-code-color: var(--ink);
  --pico-accordion-border-color: var(--line); --pico-accordion-close-summary-color: var(--link); --pico-accordion-open-summary-color: var(--link); --pico-accordion-active-summary-color: var(--link);
  --pico-progress-background-color: var(--bar-base); --pico-progress-color: var(--bar);
}
html { scroll-padding-top: 1rem; }
body { min-height: 100vh; min-height: 100dvh; overflow-x: clip; }
a { text-underline-offset: 0.15em; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -100rem; }
.skip:focus { left: 0.5rem; top: 0.5rem; background: var(--card); padding: 0.5rem 1rem; z-index: 2; }

/* Frame: a bar above on small screens, a column beside on large ones. */
body > header.top { display: flex; align-items: center; gap: 1rem; padding: 0.5rem 1rem; border-bottom: 1px solid var(--line); background: var(--card); }
.brand { display: inline-flex; align-items: center; gap: 0.5rem; font-weight: 700; font-size: 1.05rem; color: var(--ink); text-decoration: none; }
.brand img { width: 1.5rem; height: 1.5rem; }
.menu { margin: 0 0 0 auto; position: relative; }
.menu summary { padding: 0.35rem 0.75rem; border: 1px solid var(--field-line); border-radius: 6px; margin: 0; line-height: 1.3; }
.menu[open] > summary { margin: 0; }
.menu nav { display: block; }
.menu nav ul.links { position: absolute; right: 0; left: auto; top: calc(100% + 0.4rem); z-index: 3; min-width: 12rem; background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 0.4rem; box-shadow: 0 8px 24px rgb(0 0 0 / 18%); }
.side { display: none; }
nav ul.links { list-style: none; margin: 0; padding: 0; display: block; }
nav ul.links li { list-style: none; margin: 0; padding: 0; display: block; }
nav ul.links a { display: flex; justify-content: space-between; align-items: center; gap: 0.5rem; padding: 0.4rem 0.7rem; margin: 0; border-radius: 6px; color: var(--ink); text-decoration: none; }
nav ul.links a:hover { background: var(--tint); }
nav ul.links a[aria-current] { background: var(--tint); font-weight: 600; color: var(--link); }
.links hr { margin: 0.5rem 0.7rem; border: 0; border-top: 1px solid var(--line); }
main { padding: 1rem 1rem 3rem; max-width: 76rem; width: 100%; min-width: 0; }
@media (min-width: 62rem) {
  body.framed { display: grid; grid-template-columns: 13.5rem minmax(0, 1fr); align-items: start; }
  body.framed > header.top { display: none; }
  .side { display: block; position: sticky; top: 0; height: 100vh; overflow-y: auto; padding: 1rem 0.75rem; border-right: 1px solid var(--line); background: var(--card); }
  .side .brand { padding: 0 0.7rem 0.75rem; }
  .side nav { display: block; }
  main { padding: 1.25rem 2rem 3rem; }
}

h1 { font-size: 1.5rem; margin: 0; line-height: 1.25; }
h2 { font-size: 1.1rem; margin: 1.75rem 0 0.6rem; line-height: 1.3; }
h3 { font-size: 1rem; margin: 0; line-height: 1.35; }
h1, h2, h3, p, li, dd, td, summary, label { overflow-wrap: anywhere; }
p { margin-bottom: 0.6rem; }
p.tight { margin: 0; }
.steps ul { margin: 0 0 0.25rem; padding-left: 1.25rem; }
nav.actions { justify-content: start; }
input[type=search] { border-radius: 6px; }
bdi { unicode-bidi: isolate; }
small, .small { font-size: 0.875rem; }
.soft { color: var(--soft); }
.number { font-variant-numeric: tabular-nums; white-space: nowrap; }
.clamp { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 4; overflow: hidden; }
.head { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem 1rem; margin-bottom: 1rem; }
.head > .actions { margin-left: auto; }
.crumb { margin: 0 0 0.25rem; font-size: 0.875rem; }
.row { display: flex; flex-wrap: wrap; gap: 0.2rem 0.75rem; align-items: baseline; }
.row > * { min-width: 0; }
.row .last { margin-left: auto; }
.row.tight { flex-wrap: nowrap; }
.stack > :empty { display: none; }
.actions { display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: center; }
.actions form:not(.inline) { display: contents; }
.actions form.inline { flex-wrap: nowrap; }
section, article { margin: 0; }

.cards { list-style: none; margin: 0; padding: 0; display: grid; gap: 0.75rem; grid-template-columns: minmax(0, 1fr); }
.cards > li { list-style: none; margin: 0; }
.stack { display: grid; gap: 1rem; grid-template-columns: minmax(0, 1fr); align-content: start; }
.columns { display: grid; gap: 1rem; grid-template-columns: minmax(0, 1fr); align-items: start; }
@media (min-width: 56rem) { .columns { grid-template-columns: repeat(2, minmax(0, 1fr)); } }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 0.75rem 1rem; overflow-wrap: anywhere; min-width: 0; }
.card > :last-child { margin-bottom: 0; }
.card > h2:first-child, .card > .row:first-child > h2 { margin: 0 0 0.5rem; }
.card > p { margin: 0.25rem 0 0; }
.card ul { margin: 0.25rem 0; padding-left: 1.25rem; }
.card ul.cards { margin: 0 0 0.5rem; padding: 0; gap: 0.5rem; }
.cards > li.row { margin: 0; }
.card.bad { border-color: var(--bad); } .card.warn { border-color: var(--warn); }
.tiles { display: grid; gap: 0.75rem; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); margin: 0 0 1rem; padding: 0; list-style: none; }
.stack > .tiles { margin: 0; }
.tiles li { list-style: none; margin: 0; }
.tile { display: block; height: 100%; background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 0.6rem 0.9rem; text-decoration: none; color: var(--ink); }
a.tile:hover { border-color: var(--link); }
.tile strong { display: block; font-size: 1.5rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
.tile span { color: var(--soft); font-size: 0.875rem; }
.tile.bad { background: var(--bad-bg); border-color: var(--bad); } .tile.bad * { color: var(--bad); }
.tile.warn { background: var(--warn-bg); border-color: var(--warn); } .tile.warn * { color: var(--warn); }

.badge { display: inline-block; border-radius: 99px; padding: 0 0.6em; font-size: 0.8125rem; line-height: 1.6; white-space: nowrap; background: var(--dull-bg); color: var(--ink); }
.badge.good { background: var(--good-bg); color: var(--good); }
.badge.warn { background: var(--warn-bg); color: var(--warn); }
.badge.bad { background: var(--bad-bg); color: var(--bad); }
.notice { border-radius: 8px; padding: 0.6rem 1rem; margin: 0 0 1rem; background: var(--bad-bg); color: var(--bad); overflow-wrap: anywhere; white-space: pre-line; }
.notice.good { background: var(--good-bg); color: var(--good); } .notice.warn { background: var(--warn-bg); color: var(--warn); }
.notice a { color: inherit; }
.notice > :last-child { margin-bottom: 0; }
.empty { border: 1px dashed var(--field-line); border-radius: 8px; padding: 1.25rem; color: var(--ink); background: var(--card); }
.empty > :last-child { margin-bottom: 0; }

dl.facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 0.2rem 1.25rem; margin: 0 0 0.75rem; }
dl.facts dt { color: var(--soft); font-weight: 400; }
dl.facts dd { margin: 0; overflow-wrap: anywhere; }
table { margin: 0; font-size: 1em; width: 100%; }
th, td { background: none; text-align: left; vertical-align: top; padding: 0.4rem 0.9rem 0.4rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
th { font-size: 0.8125rem; font-weight: 600; color: var(--soft); white-space: nowrap; }
th.number, td.number { text-align: right; }
td.number { overflow-wrap: break-word; }
th:last-child, td:last-child { padding-right: 0; }
tr:last-child td { border-bottom: 0; }
td.main, th.main { min-width: 9rem; }
td.wide { font-size: 0.9375rem; }
td form, td details { margin: 0; }
.table { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 0.25rem 1rem; overflow-x: auto; }
.card .table, .table[data-plain] { border: 0; padding: 0; background: none; border-radius: 0; }
form + *, .inline + .cards, .table + p, .table + details, .card > p + form { margin-top: 0.75rem; }
.row + .table { margin-top: 0.6rem; }
.bar + .row, .row + .facts { margin-top: 0.35rem; }
details { margin: 0.75rem 0 0; padding: 0; border: 0; }
form > details { margin-bottom: 0.75rem; }
details > summary { width: fit-content; max-width: 100%; line-height: 1.5; }
details[open] > summary { margin-bottom: 0.6rem; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 0.75rem 1rem; color: var(--ink); font-size: 0.875rem; margin: 0.4rem 0; }
code { font-size: 0.875em; padding: 0.1em 0.35em; overflow-wrap: anywhere; }
pre code { padding: 0; background: none; }

button, button[type=submit], .button { width: auto; margin: 0; padding: 0.35rem 0.85rem; font-size: 0.9375rem; line-height: 1.4; border-radius: 6px; display: inline-block; text-decoration: none; }
.button { border: 1px solid var(--button); background: var(--button); color: var(--button-ink); }
.button:hover { background: var(--button-hover); color: var(--button-ink); }
button.secondary, .button.secondary { background: var(--card); color: var(--ink); border-color: var(--field-line); }
button.secondary:hover, .button.secondary:hover { background: var(--tint); color: var(--ink); }
button.danger { background: var(--card); color: var(--bad); border-color: var(--bad); }
button.danger:hover { background: var(--bad-bg); color: var(--bad); }
td button, td button[type=submit] { padding: 0.1rem 0.6rem; font-size: 0.875rem; }
form { margin: 0; }
label { margin: 0; font-size: 0.9375rem; }
input:not([type=checkbox], [type=radio]), select, textarea { margin: 0.2rem 0 0; height: auto; font-size: 0.9375rem; line-height: 1.4; }
select { padding-right: 2rem; }
input[type=checkbox], input[type=radio] { margin: 0 0.5rem 0 0; width: 1.1rem; height: 1.1rem; }
.fields { display: grid; gap: 0.8rem 1rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 14rem), 1fr)); margin: 0 0 1rem; border: 0; padding: 0; align-items: start; }
.fields .whole { grid-column: 1 / -1; }
.fields legend { font-weight: 600; padding: 0; margin: 0; }
fieldset { margin: 0 0 1rem; }
form[action='/login'] { display: grid; gap: 0.75rem; justify-items: start; max-width: 22rem; margin-top: 0.75rem; }
form[action='/login'] > label { width: 100%; }
.hint { display: block; color: var(--soft); font-size: 0.8125rem; margin: 0.15rem 0 0; }
.inline { display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: end; }
.inline > label, .inline > .field { flex: 1 1 8rem; min-width: 0; }
.inline > .short { flex: 0 1 8rem; }
.field label { display: block; }
.wrong { color: var(--bad); font-size: 0.875rem; }
nav:has(> .tabs) { display: block; }
nav ul.tabs { display: flex; flex-wrap: wrap; gap: 0.25rem; margin: 0 0 0.75rem; padding: 0; list-style: none; }
nav ul.tabs li { list-style: none; margin: 0; padding: 0; }
nav ul.tabs a { margin: 0; display: block; padding: 0.25rem 0.75rem; border-radius: 99px; text-decoration: none; color: var(--ink); border: 1px solid var(--line); background: var(--card); font-size: 0.9375rem; }
nav ul.tabs a:hover { border-color: var(--link); }
nav ul.tabs a[aria-current] { background: var(--button); border-color: var(--button); color: var(--button-ink); }
nav.pager { display: flex; justify-content: start; flex-wrap: wrap; gap: 0.5rem 1rem; align-items: center; margin: 1rem 0 0; }
.bar { display: block; width: 100%; min-width: 7rem; height: 0.9rem; margin: 0.2rem 0; }
.bar .base { fill: var(--bar-base); } .bar .hand { fill: var(--bar); } .bar .coming { fill: var(--bar-coming); } .bar .point { fill: var(--bar-mark); } .bar .level { fill: var(--soft); }
.key { display: inline-block; width: 0.7em; height: 0.7em; border-radius: 2px; margin-right: 0.3em; vertical-align: baseline; background: var(--bar); }
.key.coming { background: var(--bar-coming); } .key.point { background: var(--bar-mark); width: 0.25em; } .key.level { background: var(--soft); width: 0.25em; }
progress { height: 0.5rem; margin: 0.25rem 0; }
.chart { min-height: 270px; background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 0.5rem; overflow: hidden; }
.chart .u-legend { font-size: 0.8125rem; color: var(--soft); width: auto; }
.chart .u-legend th, .chart .u-legend td { border: 0; padding: 0.1rem 0.3rem; display: inline-block; text-transform: none; }
.chart .u-legend tr { display: inline-block; padding: 0; border: 0; }
.chart .u-legend td::before { content: none; }
.chart .uplot { max-width: 100%; }
.steps { list-style: none; margin: 0; padding: 0; border-left: 2px solid var(--line); }
.steps > li { list-style: none; margin: 0; padding: 0 0 0.75rem 1rem; position: relative; }
.steps > li::before { content: ''; position: absolute; left: -0.4rem; top: 0.4rem; width: 0.65rem; height: 0.65rem; border-radius: 50%; background: var(--bar); border: 2px solid var(--paper); box-sizing: content-box; margin-left: -2px; }
.steps > li.bad::before { background: var(--bad); } .steps > li.dull::before { background: var(--soft); }
.steps details { margin: 0.15rem 0 0; }
@media (max-width: 40rem) {
  .number, .table td.number { white-space: normal; overflow-wrap: anywhere; }
  dl.facts { grid-template-columns: minmax(5.5rem, 34%) minmax(0, 1fr); }
  .head > .actions { margin-left: 0; }
  .table thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .table table, .table tbody { display: block; }
  .table tbody tr { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 0.8rem; padding: 0.55rem 0; border-bottom: 1px solid var(--line); }
  .table tbody tr:last-child { border-bottom: 0; }
  .table td, .table td.number { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 0.35rem; text-align: left; border: 0; padding: 0.05rem 0; min-width: 0; }
  .table td::before { content: attr(data-label); color: var(--soft); font-size: 0.875rem; }
  .table td.main, .table td.wide { flex: 0 0 100%; display: block; }
  .table td.main { font-weight: 600; }
  .table td.main::before, .table td.wide::before, .table td:has(> form)::before, .table td:has(> .badge:only-child)::before { content: none; }
  .table td:has(> form) { margin-left: auto; }
  .table td.blank { display: none; }
}
@media (prefers-reduced-motion: no-preference) {
  .pulse { animation: pulse 1.6s ease-in-out infinite; }
  @keyframes pulse { 50% { opacity: 0.55; } }
}
`.trimStart()
