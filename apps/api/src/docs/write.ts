/** Writes the generated pages of `docs/`. Run by hand: `node apps/api/src/docs/write.ts && npm run format`. */
import { writeFileSync } from 'node:fs';
import { docsFolder, generatedDocs } from './files.ts';

for (const [name, text] of Object.entries(generatedDocs())) writeFileSync(new URL(name, docsFolder), text);
