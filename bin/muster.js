#!/usr/bin/env node
import { launch } from './launch.js';

// npm's scripts start in Muster's own folder: relative paths count from where the person stands.
if (['muster', 'start'].includes(process.env.npm_lifecycle_event) && process.env.INIT_CWD)
  process.chdir(process.env.INIT_CWD);
await launch('muster', process.argv.slice(2));
