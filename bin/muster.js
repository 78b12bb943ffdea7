#!/usr/bin/env node
import { launch } from './launch.js';

// `npm run -s muster -- …` starts in Muster's own folder: relative paths count from where the person stands.
if (process.env.npm_lifecycle_event === 'muster' && process.env.INIT_CWD) process.chdir(process.env.INIT_CWD);
await launch('muster', process.argv.slice(2));
