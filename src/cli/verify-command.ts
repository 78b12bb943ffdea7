import type { Command } from 'commander';
import { verifyArchive } from '../archive/verify.ts';
import { formatSize } from '../report/format.ts';
import type { Program } from './program.ts';

const BROKEN = 1;

/** `muster verify ARCHIVE`: reads it from end to end; exit 0 when it is whole, 1 when something is wrong with it. */
export function addVerifyCommand(root: Command, program: Program): void {
  root
    .command('verify')
    .description('check an archive from end to end: gzip, tar, names, index, digest')
    .argument('<archive>', 'a .tar.gz of Muster, or made by others')
    .action(async (file: string) => {
      const found = await verifyArchive(file);
      for (const problem of found.problems) program.stdout.write(`✖ ${problem}\n`);
      const index = found.indexed ? 'indexed' : 'without an index';
      program.stdout.write(
        `${found.ok ? '✔ whole' : '✖ broken'}  ${found.files} files  ${formatSize(found.sizeBytes)}  ${index}  sha256:${found.sha256}\n`,
      );
      if (!found.ok) program.exitCode = BROKEN;
    });
}
