/** Colours are told apart by people who see fewer of them (Okabe and Ito 2008), in both schemes. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --text: #1c1c1c; --dim: #595959; --back: #fff; --line: #d8d8d8;
  --s0: #767676; --s1: #0072b2; --s2: #d55e00; --s3: #b15d8b; --s4: #009e73;
  --sub: #b36b00; --del: #b3003b; --ins: #0072b2; }
@media (prefers-color-scheme: dark) { :root { --text: #ececec; --dim: #a8a8a8; --back: #161616; --line: #3d3d3d;
  --s0: #9a9a9a; --s1: #56b4e9; --s2: #e69f00; --s3: #cc79a7; --s4: #2fc39a;
  --sub: #e69f00; --del: #ff7a95; --ins: #56b4e9; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--text); background: var(--back); max-width: 64rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem } h2 { margin-top: 2.5rem } h4 { margin: 0; font-size: 1.05rem }
.scroll { overflow-x: auto }
table { border-collapse: collapse; font-variant-numeric: tabular-nums }
th, td { padding: .25rem .7rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap }
th:first-child { text-align: left } caption { text-align: left; color: var(--dim); padding: .3rem 0 }
.heard th, .heard td { text-align: left; white-space: normal; vertical-align: top } .heard p { margin: 0 }
.about, figcaption { color: var(--dim); font-size: .9rem }
article { border-top: 1px solid var(--line); padding: 1rem 0 } audio { height: 2.2rem; max-width: 100% }
figure { margin: 1rem 0 } svg { width: 100%; height: auto; font-size: 12px }
svg text { fill: var(--text) } svg .axis { fill: var(--dim) } .tick { stroke: var(--line) } .whisker { stroke: var(--text); fill: none }
.s0 { fill: var(--s0) } .s1 { fill: var(--s1) } .s2 { fill: var(--s2) } .s3 { fill: var(--s3) } .s4 { fill: var(--s4) }
rect.substitutions { fill: var(--sub) } rect.deletions { fill: var(--del) } rect.insertions { fill: var(--ins) }
.key { display: inline-block; width: .8em; height: .8em; margin: 0 .35em 0 1em }
ins, del { text-decoration-thickness: 2px } del { text-decoration: line-through }
.substitution ins { color: var(--sub); text-decoration: none; font-weight: 600 } .substitution del { color: var(--dim); font-size: .85em }
del.deletion { color: var(--del) } ins.insertion { color: var(--ins); text-decoration: underline }
`;
