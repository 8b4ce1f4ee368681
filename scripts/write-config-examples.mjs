// Writes `.env.example` and `config.example.yaml` from the settings table of the built server: `npm run docs:config`.
import { writeFileSync } from 'node:fs';

import { envExample, yamlExample } from '../dist/config/config-examples.js';
import { SETTINGS } from '../dist/config/settings.js';

const root = new URL('../', import.meta.url);
writeFileSync(new URL('.env.example', root), envExample(SETTINGS));
writeFileSync(new URL('config.example.yaml', root), yamlExample(SETTINGS));
