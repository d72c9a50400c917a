/** A line of a part's log, as far as it is read here. From level 40 on it is a warning. */
type Line = { level?: number; msg?: string; reason?: unknown; detail?: unknown; error?: unknown };

const WARNING = 40;
const SHOWN = 3;

/** The last few warnings and errors that differ in a log of JSON lines, as one text; empty when there is none. */
export function lastTrouble(log: string): string {
  const said = log.split('\n').flatMap((text) => {
    const { level = 0, msg, reason, detail, error } = parsed(text);
    return level < WARNING ? [] : [[msg, reason, detail, error].filter(Boolean).join(': ')];
  });
  return [...new Set(said.reverse())].slice(0, SHOWN).reverse().join('; ');
}

function parsed(text: string): Line {
  try {
    return JSON.parse(text.slice(Math.max(0, text.indexOf('{')))) as Line;
  } catch {
    return {};
  }
}
