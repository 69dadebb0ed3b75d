/** Everything is in the page: it is sent around, and opened years later without a network. */
export const reportStyle = `
:root { color-scheme: light dark; --ink: #1c2330; --soft: #5b6576; --faint: #e3e7ee; --paper: #fff;
  --c0: #2563c9; --c1: #d9730d; --c2: #0f8a6a; --c3: #b0307a; --c4: #6b7280;
  --good: #0f7a4d; --bad: #b3261e; --doubt: #8a5a00; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ebf1; --soft: #9aa4b5; --faint: #2c3442;
  --paper: #141922; --c0: #6ea4ff; --c1: #ffab5e; --c2: #4fd1ab; --c3: #ff86c8; --c4: #a9b1be;
  --good: #5bd69a; --bad: #ff8a80; --doubt: #f0c05a; } }
body { margin: 0 auto; max-width: 60rem; padding: 2rem 1.25rem 4rem; background: var(--paper);
  color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.2rem; margin: 2.5rem 0 0.5rem; }
h3 { font-size: 1rem; margin: 0; } p { margin: 0.25rem 0; } .soft, figcaption p { color: var(--soft); }
.verdict { border-left: 6px solid var(--soft); padding: 0.6rem 1rem; margin: 1.25rem 0; background: color-mix(in srgb, var(--faint) 45%, transparent); }
.verdict strong { font-size: 1.2rem; } .met, .better { border-color: var(--good); } .missed, .worse { border-color: var(--bad); }
.generator-saturated { border-color: var(--doubt); }
.met strong, td.better, td.yes { color: var(--good); } .missed strong, td.worse, td.no { color: var(--bad); }
.generator-saturated strong, td.unclear { color: var(--doubt); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: 0.25rem 1rem 0.25rem 0; border-bottom: 1px solid var(--faint); white-space: nowrap; }
th { color: var(--soft); font-weight: 500; } th:first-child, td:first-child, td.text { text-align: left; } td.text { white-space: normal; }
figure { margin: 1.5rem 0; } svg { display: block; width: 100%; height: auto; }
svg text { font-size: 12px; fill: var(--soft); } svg .grid { stroke: var(--faint); } svg .axis { stroke: var(--soft); }
svg line.level { stroke: var(--bad); stroke-dasharray: 4 4; } svg text.level { fill: var(--bad); }
svg .line { fill: none; stroke-width: 1.8; stroke-linejoin: round; }
svg .line.ground { stroke-width: 6; opacity: 0.35; }
${[0, 1, 2, 3, 4].map((colour) => `svg .line.c${colour} { stroke: var(--c${colour}); } svg circle.c${colour} { fill: var(--c${colour}); } .key.c${colour} { background: var(--c${colour}); }`).join('\n')}
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 0.1rem 1.1rem; margin: 0.4rem 0 0.2rem; padding: 0; font-size: 0.85rem; }
.key { display: inline-block; width: 0.9rem; height: 0.25rem; border-radius: 2px; margin-right: 0.4rem; vertical-align: middle; }
.legend .unit { margin-left: auto; color: var(--soft); }
.bar { display: inline-block; height: 0.7rem; background: var(--c3); border-radius: 2px; min-width: 2px; }
`;
