/**
 * A poster is paper also on a dark screen. In print its texts and its QR code are so large that the longest of them fit
 * on a page of A4 and of US letter.
 */
export const posterStyle = `
:root { color-scheme: light dark; --ground: #f5f4ef; --ink: #1d2422; }
@media (prefers-color-scheme: dark) { :root { --ground: #121716; --ink: #e9eeeb; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 100%/1.4 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { margin: 0; font-size: 1.4rem; line-height: 1.25; }
header, .poster { max-width: 44rem; margin: 0 auto; padding: 1.25rem 1rem; }
.poster { margin-bottom: 1.5rem; background: #fff; color: #000; text-align: center; }
.poster p { margin: 0.5rem 0 0; }
.poster .hunt { margin: 0; font-size: 1.15rem; }
.poster h2 { margin: 0.25rem 0 0; font-size: 2rem; line-height: 1.2; }
.crowded h2 { font-size: 1.4rem; }
.poster svg { display: block; width: 100%; max-width: 26rem; margin: 0.5rem auto; }
.poster .code { margin-top: 0.25rem; }
code { font: 1.1rem/1.4 ui-monospace, "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace;
  font-variant-numeric: slashed-zero; font-variant-ligatures: none; }
code span { display: inline-block; }
@page { size: portrait; margin: 12mm; }
@media print {
  header { display: none; }
  body { background: #fff; font-size: 14pt; }
  .poster { max-width: none; margin: 0; padding: 0; }
  .poster + .poster { break-before: page; }
  .poster p { margin-top: 3mm; }
  .poster .hunt { font-size: 16pt; }
  .poster h2 { margin-top: 2mm; font-size: 28pt; }
  .poster svg { width: 125mm; max-width: 100%; margin: 4mm auto; }
  .poster .typed { font-size: 12pt; }
  code { font-size: 15pt; }
  .crowded { font-size: 12pt; }
  .crowded .hunt { font-size: 12pt; }
  .crowded h2 { font-size: 16pt; }
  .crowded svg { width: 100mm; }
  .crowded .typed { font-size: 11pt; }
  .crowded code { font-size: 13pt; }
}
`;
