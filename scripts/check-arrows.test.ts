import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cruise, unseen } from './check-arrows.ts';

const root = join(import.meta.dirname, '..');

describe('a planted violation is found', () => {
  let house: string;

  beforeAll(() => {
    house = mkdtempSync(join(tmpdir(), 'muster-arrows-'));
    symlinkSync(join(root, 'node_modules'), join(house, 'node_modules'));
    for (const file of ['.dependency-cruiser.cjs', 'tsconfig.json', 'package.json']) {
      copyFileSync(join(root, file), join(house, file));
    }
    plant('src/report/pure.ts', "import { gather } from '../gather/gather.ts';\nexport const pure = gather;\n");
    plant('src/report/disk.ts', "import { readFileSync } from 'node:fs';\nexport const disk = readFileSync;\n");
    plant('src/gather/gather.ts', 'export const gather = 1;\n');
    plant(
      'src/gather/client.ts',
      "import { KubeConfig } from '@kubernetes/client-node';\nexport const c = KubeConfig;\n",
    );
    plant('src/cli/main.ts', "import { gather } from '../gather/gather.ts';\nexport const main = gather;\n");
  });
  afterAll(() => rmSync(house, { recursive: true }));

  function plant(path: string, text: string): void {
    mkdirSync(join(house, path, '..'), { recursive: true });
    writeFileSync(join(house, path), text);
  }

  test('an import up the house, I/O in src/report, and a second door to Kubernetes', () => {
    const { violations } = cruise(house, ['src'], '.dependency-cruiser.cjs');
    expect(violations).toContain('report-looks-down: src/report/pure.ts → src/gather/gather.ts');
    expect(violations).toContain('report-is-pure: src/report/disk.ts → fs');
    expect(violations.some((line) => line.startsWith('one-door-to-kubernetes: src/gather/client.ts'))).toBe(true);
    expect(violations.some((line) => line.includes('src/cli/main.ts'))).toBe(false);
  });

  test('a file that was not looked at', () => {
    const cruised = cruise(house, ['src'], '.dependency-cruiser.cjs');
    expect(cruised.modules).toHaveLength(5);
    expect(unseen(['src/cli/main.ts', 'src/cli/other.ts'], cruised)).toEqual(['src/cli/other.ts']);
  });
});
