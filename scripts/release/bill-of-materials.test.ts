import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { billOfMaterials } from './bill-of-materials.ts';

test('a bill of materials has every package that is there: nested, scoped, linked; each once', (t) => {
  const root = mkdtempSync(path.join(tmpdir(), 'hunt-sbom-'));
  t.after(() => rmSync(root, { recursive: true }));
  const write = (file: string, content: object) => {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), JSON.stringify(content));
  };
  write('package.json', { name: 'whole', version: '1.2.3' });
  write('packages/ours/package.json', { name: '@hunt/ours', version: '1.2.3' });
  write('node_modules/one/package.json', { name: 'one', version: '2.0.0', license: 'MIT' });
  write('node_modules/one/node_modules/two/package.json', { name: 'two', version: '1.0.0' });
  write('node_modules/@scope/two/package.json', { name: '@scope/two', version: '3.0.0' });
  write('node_modules/three/node_modules/two/package.json', { name: 'two', version: '1.0.0' });
  write('node_modules/three/package.json', { name: 'three', version: '1.0.0' });
  write('node_modules/.package-lock.json', {});
  mkdirSync(path.join(root, 'node_modules/@hunt'));
  symlinkSync('../../packages/ours', path.join(root, 'node_modules/@hunt/ours'));
  const digest = Buffer.alloc(64, 7);
  write('package-lock.json', {
    packages: { 'node_modules/one': { integrity: `sha512-${digest.toString('base64')}` } },
  });
  const document = billOfMaterials(root, '24.1.0') as {
    readonly bomFormat: string;
    readonly metadata: { readonly component: object };
    readonly components: readonly { readonly purl: string }[];
  };
  assert.equal(document.bomFormat, 'CycloneDX');
  assert.deepEqual(document.metadata.component, {
    ...{ 'bom-ref': 'whole', type: 'application', name: 'whole', version: '1.2.3' },
  });
  assert.deepEqual(
    document.components.map(({ purl }) => purl),
    [
      'pkg:generic/node@24.1.0',
      'pkg:npm/%40hunt/ours@1.2.3',
      'pkg:npm/%40scope/two@3.0.0',
      'pkg:npm/one@2.0.0',
      'pkg:npm/three@1.0.0',
      'pkg:npm/two@1.0.0',
    ],
  );
  assert.deepEqual(document.components[3], {
    ...{ type: 'library', name: 'one', version: '2.0.0', purl: 'pkg:npm/one@2.0.0' },
    licenses: [{ expression: 'MIT' }],
    hashes: [{ alg: 'SHA-512', content: digest.toString('hex') }],
  });
});
