import { documentedErrors } from './errors.ts';
import { type Html, html, prose } from './html.ts';
import type { OpenApiDocument } from './openapi.ts';

/** The parts of an OpenAPI document that the page shows. */
type Schema = {
  type?: string | string[];
  enum?: unknown[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  default?: unknown;
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
};
type Parameter = { name: string; in: string; required?: boolean; schema?: Schema; description?: string };
type Operation = {
  summary?: string;
  description?: string;
  security?: { key?: string[] }[];
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { description: string }>;
};
type Field = { name: string; where: string; required: boolean; schema: Schema };

const codes = new Set([...documentedErrors.request, ...documentedErrors.job].map(({ code }) => String(code)));

/** One card a route: its fields with their bounds, and its answers. */
export function operationCards(document: OpenApiDocument): Html[] {
  return Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    Object.entries(item as Record<string, Operation>).map(([method, operation]) =>
      card(method, path, operation),
    ),
  );
}

function card(method: string, path: string, operation: Operation): Html {
  const fields = fieldsOf(operation);
  return html`<article id="${method}-${path.replaceAll(/[^a-z.]+/g, '-')}">
<h3><span class="method ${method}">${method}</span><code>${path}</code> ${operation.summary ?? ''}</h3>
<p>${prose(operation.description ?? '')}</p>
<p class="soft">${prose(access(operation))}</p>
${fields.length === 0 ? '' : fieldTable(fields)}
<table>
<tr><th>status</th><th>answer</th></tr>
${Object.entries(operation.responses).map(([status, { description }]) => html`<tr><td>${status}</td><td>${prose(description, codes)}</td></tr>`)}
</table>
</article>`;
}

function access({ security = [] }: Operation): string {
  const scopes = security.flatMap(({ key = [] }) => key);
  return scopes.length === 0
    ? 'Open to all.'
    : `Where there are keys: one with the scope \`${scopes.join('`, `')}\`.`;
}

function fieldsOf({ parameters = [], requestBody }: Operation): Field[] {
  const body = requestBody?.content['application/json']?.schema;
  return [
    ...parameters.map(({ name, in: where, required = false, schema = {} }) => ({
      name,
      where,
      required,
      schema,
    })),
    ...Object.entries(body?.properties ?? {}).map(([name, schema]) => ({
      name,
      where: 'body',
      required: body?.required?.includes(name) ?? false,
      schema,
    })),
  ];
}

function fieldTable(fields: Field[]): Html {
  return html`<table>
<tr><th>field</th><th>in</th><th>value</th><th></th></tr>
${fields.map(
  ({ name, where, required, schema }) => html`<tr>
<td><code>${name}</code></td><td>${where}${required ? ', required' : ''}</td>
<td>${valuesOf(schema)}</td><td>${prose(schema.description ?? '')}</td></tr>`,
)}
</table>`;
}

function valuesOf({ type, enum: values, minimum, maximum, default: standard }: Schema): string {
  const types = [type ?? 'any'].flat();
  const kind = values?.map(String).join(' | ') ?? (types.length > 2 ? 'any JSON' : types.join(' or '));
  const bounds = minimum === undefined || maximum === undefined ? '' : `, ${minimum} to ${maximum}`;
  return `${kind}${bounds}${standard === undefined ? '' : `, else ${String(standard)}`}`;
}
