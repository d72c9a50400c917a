/** The whole style of the page. Its hash stands in the page's Content-Security-Policy. */
export const style = `
:root { color-scheme: light dark; --ink: #1d2430; --soft: #5b6472; --line: #dfe3e8; --ground: #fbfbfa; --card: #fff;
  --code: #f1f3f5; --accent: #0b6e4f; --post: #0b6e4f; --get: #1c5fa8; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e7eb; --soft: #9aa4b2; --line: #2c333d; --ground: #14181d;
  --card: #1a1f26; --code: #222932; --accent: #5cc8a0; --post: #5cc8a0; --get: #79b4f2; } }
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.6 system-ui, sans-serif; }
main, header { max-width: 60rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 3rem; }
h1 { font-size: 2.2rem; margin: 0 0 .25rem; letter-spacing: -.02em; }
h2 { margin: 3rem 0 1rem; font-size: 1.4rem; }
h3 { margin: 0; font-size: 1.05rem; }
p { margin: .5rem 0; }
a { color: var(--accent); }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin-top: 1rem; }
code, pre { font: .875em/1.55 ui-monospace, monospace; }
code { background: var(--code); border-radius: 4px; padding: .1em .35em; }
pre { background: var(--code); border-radius: 8px; padding: 1rem; overflow-x: auto; }
pre code { background: none; padding: 0; font-size: 1em; }
article { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1.1rem 1.25rem;
  margin: 0 0 1rem; overflow-x: auto; }
article:target { border-color: var(--accent); box-shadow: 0 0 0 1px var(--accent); }
.method { font: 700 .8rem ui-monospace, monospace; text-transform: uppercase; margin-right: .5rem; }
.post { color: var(--post); } .get { color: var(--get); }
.soft { color: var(--soft); font-size: .9rem; }
table { border-collapse: collapse; width: 100%; margin: .75rem 0 0; font-size: .92rem; }
th, td { text-align: left; vertical-align: top; padding: .4rem .75rem .4rem 0; border-top: 1px solid var(--line); }
th { color: var(--soft); font-weight: 600; border-top: 0; }
summary { cursor: pointer; color: var(--soft); font-size: .9rem; }
footer { margin: 4rem 0 3rem; }
`;
