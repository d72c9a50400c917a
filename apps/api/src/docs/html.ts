/** HTML that was made here, so that it is not escaped again. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Content = Html | Html[] | string | number;

/** A template tag: whatever is put in is escaped, unless it is `Html` itself. */
export function html(parts: TemplateStringsArray, ...values: Content[]): Html {
  return new Html(parts.map((part, index) => part + render(values[index] ?? '')).join(''));
}

/** Plain text in which backticks mark code; code that is one of `anchors` becomes a link to it. */
export function prose(text: string, anchors: ReadonlySet<string> = new Set()): Html {
  const pieces = text.split('`').map((piece, index) => {
    if (index % 2 === 0) return escapeText(piece);
    const code = `<code>${escapeText(piece)}</code>`;
    return anchors.has(piece) ? `<a href="#${piece}">${code}</a>` : code;
  });
  return new Html(pieces.join(''));
}

function render(value: Content): string {
  if (value instanceof Html) return value.text;
  if (Array.isArray(value)) return value.map(({ text }) => text).join('\n');
  return escapeText(String(value));
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escapeText = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
