/** Makes the generated pages of `docs/`. Run by hand: `node apps/api/src/docs/generate.ts && npm run format`. */
import { writeFileSync } from 'node:fs';
import { readSettings } from '@jobcell/shared/config';
import type { Parts } from '../parts.ts';
import { allRoutes } from '../routes/index.ts';
import { errorsMarkdown } from './errors-markdown.ts';
import { openApiDocument } from './openapi.ts';

export const docsFolder = new URL('../../../../docs/', import.meta.url);

/** The generated pages, by their place in `docs/`: made from the code and the default settings alone. */
export function generatedDocs(): Record<string, string> {
  const settingsOnly = { settings: readSettings({}) } as Parts; // no route uses another part before a request
  return {
    'errors.md': errorsMarkdown(),
    'openapi.json': `${JSON.stringify(openApiDocument(allRoutes(settingsOnly)), null, 2)}\n`,
  };
}

if (import.meta.main) {
  for (const [name, text] of Object.entries(generatedDocs())) writeFileSync(new URL(name, docsFolder), text);
}
