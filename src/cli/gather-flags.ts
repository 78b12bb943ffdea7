import type { Command } from 'commander';
import { Option } from 'commander';
import { parseTimeoutFlag } from '../report/duration.ts';
import { MusterError } from '../report/errors.ts';
import { flagNames } from '../report/flags.ts';
import { parsePercentage } from '../report/names.ts';
import type { Spec } from '../report/spec.ts';
import { validateSpec } from '../report/spec.ts';
import type { KubeFlags } from './kube-flags.ts';
import { addKubeFlags, collectList } from './kube-flags.ts';

/** What to gather, and where: `muster gather` and `muster report create` share these, with oc's names and meaning. */
export type SpecFlags = {
  image?: string[];
  imageStream?: string[];
  component?: string[];
  allImages?: boolean;
  nodeName?: string;
  nodeSelector?: string;
  hostNetwork?: boolean;
  runNamespace?: string;
  sourceDir?: string;
  timeout?: string;
  volumePercentage?: string;
  since?: string;
  sinceTime?: string;
  keep?: boolean;
};

/** What commander reads of `muster gather`; every flag of `oc adm must-gather` has its name and meaning here. */
export type GatherFlags = KubeFlags &
  SpecFlags & {
    destDir?: string;
    archive?: string;
    output?: string;
  };

export function addGatherFlags(command: Command): Command {
  addSpecFlags(command)
    .optionsGroup('Where it goes:')
    .option('--archive <file>', 'the archive (default: must-gather.local.<cluster>.<time>.<random>.tar.gz here)')
    .option('--dest-dir <dir>', 'a folder to unpack it into, instead of an archive')
    .addOption(
      new Option('-o, --output <format>', 'the result as text or json').choices(['text', 'json']).default('text'),
    );
  return addKubeFlags(command);
}

export function addSpecFlags(command: Command): Command {
  return command
    .optionsGroup('What to gather:')
    .option('--image <image>', 'gather image, may be repeated or a list', collectList)
    .option('--image-stream <ns/name:tag>', 'image stream of a gather image, may be repeated or a list', collectList)
    .option('--component <name>', 'cluster, or an operator by name, may be repeated or a list', collectList)
    .option('--all-images', "the cluster's own gather image and those that its operators name")
    .option('--since <duration>', 'only logs newer than this, such as 5s, 2m or 3h')
    .option('--since-time <time>', 'only logs after this time (RFC 3339)')
    .option('--source-dir <dir>', 'folder in the pod that holds what was gathered (default: /must-gather)')
    .optionsGroup('Where and how long:')
    .option('--node-name <node>', 'run on this node')
    .option('--node-selector <selector>', 'run on every node with these labels')
    .option('--host-network', "use the node's network")
    .option('--run-namespace <namespace>', 'use this namespace, which must allow privileged pods, and make none')
    .option('--timeout <duration>', 'stop each gather after this long and keep what it wrote (default: 10m)')
    .option(
      '--volume-percentage <n>',
      "stop a gather that wrote more than this share of the volume's free space (default: 70)",
    )
    .addOption(new Option('--keep', 'leave the namespace behind, for debugging').hideHelp());
}

/** Fields of the spec that `muster gather` has no flag for. */
type OwnFields = Readonly<Partial<Record<'customName' | 'server' | 'deleteAfter', string | undefined>>>;

const fieldNames = {
  ...flagNames,
  components: '--component',
  command: 'the command after --',
  customName: '--name',
  server: '--server',
  deleteAfter: '--delete-after',
};

/** Refuses two destinations at once. */
export function checkDestinationFlags(flags: GatherFlags): void {
  if (flags.destDir !== undefined && flags.archive !== undefined) {
    throw new MusterError('ConflictingInput', '--dest-dir and --archive exclude each other', { field: '--archive' });
  }
}

/**
 * The report that the flags ask for. `words` are what stands after `--`; joined with blanks they are shell text, as
 * with oc. Throws MusterError with the flag's name. `note` takes words that are no error.
 */
export function specFromFlags(
  flags: SpecFlags,
  words: readonly string[],
  note: (line: string) => void,
  own: OwnFields = {},
): Spec {
  const timeout = parseTimeoutFlag(flags.timeout || '10m');
  if (timeout.note !== undefined) note(timeout.note);
  const asked = {
    ...own,
    images: flags.image,
    imageStreams: flags.imageStream,
    components: flags.component,
    allImages: flags.allImages,
    nodeName: flags.nodeName,
    nodeSelector: flags.nodeSelector,
    hostNetwork: flags.hostNetwork,
    runNamespace: flags.runNamespace,
    keepNamespace: flags.keep,
    sourceDir: flags.sourceDir,
    timeout: timeout.timeout,
    volumePercentage:
      flags.volumePercentage === undefined ? undefined : parsePercentage(flags.volumePercentage, '--volume-percentage'),
    since: flags.since,
    sinceTime: flags.sinceTime,
    command: words.length === 0 ? undefined : words.join(' '),
  };
  const given = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined && value !== ''));
  return validateSpec(given, fieldNames).spec;
}
