#!/usr/bin/env node
import { launch } from './launch.js';

await launch('kubectl muster', process.argv.slice(2));
