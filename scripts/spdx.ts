import { createHash } from 'node:crypto';

/** A package as package-lock.json has it. */
export type LockedPackage = {
  readonly version?: string;
  readonly license?: string;
  /** Subresource integrity: `sha512-…`, in base64. */
  readonly integrity?: string;
};

/** What a document is about: the product, and the paths in package-lock.json of what each of its parts is made of. */
export type Contents = {
  readonly version: string;
  readonly license: string;
  readonly createdAt: Date;
  readonly parts: Readonly<Record<string, readonly string[]>>;
  readonly lock: Readonly<Record<string, LockedPackage>>;
};

/** One npm package in the product. */
export type Contained = {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly integrity: string | undefined;
  readonly paths: readonly string[];
  readonly parts: readonly string[];
};

export type SpdxPackage = {
  readonly name: string;
  readonly SPDXID: string;
  readonly versionInfo: string;
  readonly downloadLocation: string;
  readonly filesAnalyzed: false;
  readonly licenseConcluded: string;
  readonly licenseDeclared: string;
  readonly copyrightText: string;
  readonly primaryPackagePurpose: 'APPLICATION' | 'LIBRARY';
  readonly comment?: string;
  readonly checksums?: readonly { readonly algorithm: string; readonly checksumValue: string }[];
  readonly externalRefs: readonly {
    readonly referenceCategory: string;
    readonly referenceType: string;
    readonly referenceLocator: string;
  }[];
};

/** https://spdx.github.io/spdx-spec/v2.3/document-creation-information/ */
export type SpdxDocument = {
  readonly spdxVersion: 'SPDX-2.3';
  readonly dataLicense: 'CC0-1.0';
  readonly SPDXID: 'SPDXRef-DOCUMENT';
  readonly name: string;
  readonly documentNamespace: string;
  readonly creationInfo: { readonly created: string; readonly creators: readonly string[]; readonly comment: string };
  readonly packages: readonly SpdxPackage[];
  readonly relationships: readonly {
    readonly spdxElementId: string;
    readonly relationshipType: string;
    readonly relatedSpdxElement: string;
  }[];
};

const PRODUCT = 'SPDXRef-Muster';

/**
 * The packages of all parts, each version once, by name. Throws for one that the lock does not know, or knows without its
 * licence.
 */
export function containedPackages({ parts, lock }: Pick<Contents, 'parts' | 'lock'>): Contained[] {
  const found = new Map<string, Contained>();
  for (const [part, paths] of Object.entries(parts)) {
    for (const path of paths) {
      const locked = lock[path];
      if (!locked?.version || !locked.license)
        throw new Error(`${path} is in the ${part}, and package-lock.json does not say its version and licence`);
      const name = path.replace(/^.*node_modules\//, '');
      const key = `${name}@${locked.version}`;
      const before = found.get(key);
      found.set(key, {
        name,
        version: locked.version,
        license: locked.license,
        integrity: locked.integrity,
        paths: [...new Set([...(before?.paths ?? []), path])],
        parts: [...new Set([...(before?.parts ?? []), part])],
      });
    }
  }
  const order = (one: Contained) => `${one.name}@${one.version}`;
  return [...found.values()].sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

/** What Muster's image and bundle are made of, as an SPDX 2.3 document. The same contents give the same document. */
export function spdxDocument(contents: Contents): SpdxDocument {
  const contained = containedPackages(contents).map(libraryPackage);
  const packages = [productPackage(contents), ...contained];
  const digest = createHash('sha256').update(JSON.stringify(packages)).digest('hex');
  return {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: `muster-${contents.version}`,
    documentNamespace: `https://muster.dev/spdx/muster-${contents.version}-${digest}`,
    creationInfo: {
      // The format has no fractions of a second.
      created: contents.createdAt.toISOString().replace(/\.\d+Z$/, 'Z'),
      creators: [`Tool: muster-sbom-${contents.version}`],
      comment: 'npm packages as the bundlers took them in. What the base of the image brings is not listed.',
    },
    packages,
    relationships: [
      { spdxElementId: 'SPDXRef-DOCUMENT', relationshipType: 'DESCRIBES', relatedSpdxElement: PRODUCT },
      ...contained.map(({ SPDXID }) => ({
        spdxElementId: PRODUCT,
        relationshipType: 'CONTAINS',
        relatedSpdxElement: SPDXID,
      })),
    ],
  };
}

function productPackage({ version, license }: Contents): SpdxPackage {
  return {
    name: 'muster',
    SPDXID: PRODUCT,
    versionInfo: version,
    downloadLocation: 'NOASSERTION',
    filesAnalyzed: false,
    licenseConcluded: license,
    licenseDeclared: license,
    copyrightText: 'NOASSERTION',
    primaryPackagePurpose: 'APPLICATION',
    // Not `npm`: a package of this name there is somebody else's.
    externalRefs: [packageUrl('generic', 'muster', version)],
  };
}

function libraryPackage({ name, version, license, integrity, parts }: Contained): SpdxPackage {
  return {
    name,
    SPDXID: `SPDXRef-npm-${name.replace('@', '').replace('/', '.')}-${version}`.replaceAll(/[^A-Za-z0-9.-]/g, '-'),
    versionInfo: version,
    downloadLocation: 'NOASSERTION',
    filesAnalyzed: false,
    // Nobody read the sources for it: this is what the package says.
    licenseConcluded: 'NOASSERTION',
    licenseDeclared: license,
    copyrightText: 'NOASSERTION',
    primaryPackagePurpose: 'LIBRARY',
    comment: `In the ${parts.join(', the ')}.`,
    ...(integrity === undefined ? {} : { checksums: [checksum(integrity)] }),
    externalRefs: [packageUrl('npm', name, version)],
  };
}

/** https://github.com/package-url/purl-spec: the @ of a scope is escaped. */
function packageUrl(type: string, name: string, version: string): SpdxPackage['externalRefs'][number] {
  return {
    referenceCategory: 'PACKAGE-MANAGER',
    referenceType: 'purl',
    referenceLocator: `pkg:${type}/${name.replace('@', '%40')}@${version}`,
  };
}

function checksum(integrity: string): { algorithm: string; checksumValue: string } {
  const [algorithm = '', value = ''] = integrity.split('-', 2);
  return { algorithm: algorithm.toUpperCase(), checksumValue: Buffer.from(value, 'base64').toString('hex') };
}
