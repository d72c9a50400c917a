import { createHash } from 'node:crypto';
import { limits } from '@jobcell/shared/contract';
import { type DocumentedError, documentedErrors } from './errors.ts';
import { Html, html, prose } from './html.ts';
import type { OpenApiDocument } from './openapi.ts';
import { operationCards } from './page-routes.ts';
import { style } from './style.ts';

/** The page loads nothing and runs nothing: one style, named by its hash. */
export const docsPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The documentation as one page that works without a network. `origin` is where the reader called the API. */
export function docsPage(document: OpenApiDocument, origin: string): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Jobcell API</title>
<style>${new Html(style)}</style>
</head>
<body>
<header>
<h1>Jobcell API</h1>
<p class="soft">${prose(document.info.description ?? '')}</p>
<nav>
<a href="#start">Start</a><a href="#routes">Routes</a><a href="#bounds">Bounds</a>
<a href="#errors">Errors</a><a href="/openapi.json">openapi.json</a><a href="/runtime">runtime</a>
</nav>
</header>
<main>
${start(origin)}
<h2 id="routes">Routes</h2>
${operationCards(document)}
${bounds}
<h2 id="errors">Errors</h2>
<p>${prose(errorsIntroduction)}</p>
${errorTable('About the request', documentedErrors.request)}
${errorTable('About the job', documentedErrors.job)}
${[...documentedErrors.request, ...documentedErrors.job].map(errorCard)}
</main>
</body>
</html>
`.text;
}

const errorsIntroduction =
  'Every error body is `application/problem+json` with a `code` of this closed list; its `type` links here. `request_id` is that of the `X-Request-Id` header. The status of a failed job is that of `POST /execute`.';

function start(origin: string): Html {
  const script =
    'def main(name):\\n    print(\\"hello\\")\\n    return {\\"greeting\\": \\"Hello, \\" + name}';
  const body = `{\n  "script": "${script}",\n  "input": {"name": "Ada"}\n}`;
  return html`<h2 id="start">Start</h2>
<p>${prose('A script binds `main`; what it returns is the `result`, what it prints is `stdout`.')}</p>
<pre><code>curl ${origin}/execute -H 'Content-Type: application/json' -d '${body}'</code></pre>
<p>It answers:</p>
<pre><code>{"result":{"greeting":"Hello, Ada"},"stdout":"hello\\n"}</code></pre>
<p>${prose('Where there are API keys, add `-H "Authorization: Bearer $KEY"`.')}</p>`;
}

const bounds = html`<h2 id="bounds">Bounds</h2>
<article>
<p>${prose('What every request is held to. The limits of a run are those that `GET /runtime` shows.')}</p>
<table>
${[
  ['body', `${limits.bodyBytes} bytes, counted as they arrive`],
  ['script', `1 to ${limits.scriptBytes} bytes of UTF-8`],
  ['input, result', `${limits.jsonBytes} bytes of JSON, ${limits.jsonDepth} levels of arrays and objects`],
  ['wait_ms', `0 to ${limits.waitMs.maximum}`],
].map(([name, rule]) => html`<tr><td><code>${name ?? ''}</code></td><td>${rule ?? ''}</td></tr>`)}
</table>
</article>`;

function errorTable(title: string, errors: DocumentedError[]): Html {
  return html`<article>
<h3>${title}</h3>
<table>
<tr><th>code</th><th>HTTP</th><th>whose fault</th><th>what</th></tr>
${errors.map(
  (e) =>
    html`<tr><td><a href="#${e.code}"><code>${e.code}</code></a></td><td>${e.http}</td><td>${e.fault}</td><td>${e.title}</td></tr>`,
)}
</table>
</article>`;
}

function errorCard(e: DocumentedError): Html {
  return html`<article id="${e.code}">
<h3><code>${e.code}</code> ${e.title}</h3>
<p class="soft">HTTP ${e.http} · fault: ${e.fault} · retried by Jobcell: ${e.retried}</p>
<p>${prose(e.happened)}</p>
<p>${prose(e.fix)}</p>
<details><summary>Example</summary><pre><code>${JSON.stringify(e.example, null, 2)}</code></pre></details>
</article>`;
}
