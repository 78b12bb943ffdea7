// What a person needs to know of an error beyond its message: docs/errors.md has it. A code without words does not compile.
import type { ErrorCode } from '../src/report/errors.ts';
import type { GatherReason } from '../src/report/status.ts';

type Words = {
  /** What happened, in a sentence or two. */
  readonly happened: string;
  /** What the one line of `todo` has no room for; Markdown. */
  readonly more?: string;
};

export const errorWords: Readonly<Record<ErrorCode, Words>> = {
  InvalidInput: {
    happened:
      'A value is not what is expected there: a flag, a key of a request, a field of a spec, a setting of the service. The message begins with its name. Nothing was created.',
    more: 'Durations are Go’s (`90m`, `8h`, not `1d`), times RFC 3339 (`2026-11-21T10:30:00Z`), images have no `https://`. A key that there is not is refused as well, so look for a slip of the pen. [commands.md](commands.md), [rest.md](rest.md) and [custom-resource.md](custom-resource.md) list what there is. A link in an archive is refused too: it is told, and not followed.',
  },
  ConflictingInput: {
    happened: 'Two values were given that cannot both hold, such as `--node-name` and `--node-selector`.',
    more: '[custom-resource.md](custom-resource.md) lists the pairs. For `muster serve`: two listeners on one port, `--proxy-token-header` with `--auth=none`.',
  },
  NothingSelected: {
    happened: 'What was asked for matches nothing: a node selector without a node, or no gather at all.',
    more: '`kubectl get nodes -l SELECTOR` shows what it matches.',
  },
  NotFound: {
    happened:
      'What was named is not there: a report, a file in an archive, a route, a node, a namespace, a component, an image stream, another cluster (`server`).',
    more: 'A report that ended is deleted after a time: 24 h, or 12 h where it failed or was cancelled ([concepts.md](concepts.md#how-long-things-stay)). Components: `GET /components`, or the dialog of the pages. Another cluster needs its Secret first ([custom-resource.md](custom-resource.md#fields-that-need-a-word)). `no MustGatherReports yet`, from `muster serve`: the kind is not installed ([install.md](install.md)).',
  },
  MethodNotAllowed: {
    happened: 'The route is there, and takes other methods than this one.',
    more: '[rest.md](rest.md#routes) lists all routes with theirs.',
  },
  Conflict: {
    happened:
      'The state of things forbids it: a report that has ended cannot be cancelled, one that has not ended cannot be asked for again, and a name in the cluster is taken by something that is not Muster’s.',
    more: '`muster report get KEY` shows how far the report is. What is in the way in the cluster is named in the message, and is left alone: look at it, then remove it yourself.',
  },
  ChangedMeanwhile: {
    happened:
      'What is being read was replaced by something else: the archive has another SHA-256 than at the beginning.',
    more: 'Halves of two archives are never joined. `muster report download` begins again by itself where it can.',
  },
  TooLarge: {
    happened: 'The request is larger than is taken, or the token longer than a cookie can keep.',
    more: 'Some identity providers make tokens of more than 4 KB. Sign in with one of a service account: `kubectl create token NAME -n NAMESPACE --duration=8h`.',
  },
  UnsupportedMediaType: {
    happened: 'The body is of a type that this route does not take.',
    more: '`POST /must-gather` takes JSON, a form, or nothing. `POST /login` takes JSON only, since any page could send a form.',
  },
  RangeOutside: {
    happened: 'The `Range` header asks for bytes that the archive or file does not have.',
    more: '`Content-Range` in the answer tells the size. With `curl -C -` it mostly means that the file is complete already.',
  },
  NotHere: {
    happened:
      'A packer reached a replica that does not lead. Packers connect again by themselves; people do not meet it.',
  },
  DestinationUnusable: {
    happened:
      'The result has nowhere to go: the folder cannot be written, the file is there already, the disk has no room, the bucket does not exist. Found before anything was created.',
    more: '`--archive` and `--dest-dir` of `muster gather`, `--file` and `--force` of `muster report download`, `--store` of the service.',
  },
  DestinationFailed: {
    happened:
      'Writing the result failed on the way, most often as the disk or the store is full. A report of the service fails with the numbers in its message; others go on.',
    more: 'For the service: make the volume larger, lower `deleteAfter`, or set `--keep-max-bytes` ([store.md](store.md)); `muster_store_free_bytes` in `/metrics` shows it early. Then ask again: *Retry*, or `muster report retry KEY`.',
  },
  StoreUnavailable: {
    happened: 'S3 cannot be reached, answers with errors again and again, or does not let Muster in.',
    more: 'The message has what S3 said, without credentials. [store.md](store.md#s3) has the rights that the account needs. The service goes on trying; `/readyz` is 503 until then.',
  },
  KubeconfigUnusable: {
    happened:
      'The kubeconfig cannot be read, names a context that is not there, or its cluster’s certificate is not trusted.',
    more: 'See what kubectl says with the same flags: `kubectl --context NAME get ns`.',
  },
  ClusterUnreachable: {
    happened: 'No answer from the API server, or from the service, in time; or the connection was cut.',
    more: '`muster report`: is it the right `--url`, and does `--ca-file` name the authority of its certificate ([configuration.md](configuration.md#certificates))? Proxies are taken from `HTTPS_PROXY` and `NO_PROXY` ([disconnected.md](disconnected.md#proxies)). *May have been made all the same* means that the answer was lost: look with `muster report list` before you ask again.',
  },
  TooManyRequests: {
    happened:
      'From this address more than 20 tokens were refused within a minute, or 500 clients listen to `/events` already.',
    more: 'A good token passes all the same. Behind a router all callers may have one address, so it may have been somebody else.',
  },
  NotReady: {
    happened: 'The service lives and cannot do its work yet: the message names each thing that lacks, and why.',
    more: '`GET /readyz` lists the checks: reports read, cluster, store, and `policy`, which says who may ask: without it no report is begun ([olm.md](olm.md#what-a-bundle-cannot-hold)). It ends by itself once nothing lacks.',
  },
  CredentialsRejected: {
    happened: 'No token, a token that the cluster does not know, or one that has ended.',
    more: '`oc whoami -t` shows yours; `kubectl create token NAME -n NAMESPACE` makes one. A kubeconfig with a client certificate has no token, and REST takes no certificates. Tokens for another audience are refused.',
  },
  RightsMissing: {
    happened: 'The cluster knows who asks, and does not let them: reports are for cluster-admins.',
    more: '`kubectl auth can-i "*" "*" -A` must say `yes`. `muster gather` names the one right that is missing. Requests with `Impersonate-*` headers are refused whoever sends them.',
  },
  CrossSite: {
    happened: 'A page of another site had a browser ask, with the cookie of who is signed in there. Nothing was done.',
    more: 'Behind a proxy of your own: it has to leave `Host`, `Origin` and `Sec-Fetch-Site` as they are ([security.md](security.md#browsers)).',
  },
  ClusterRefused: {
    happened:
      'The API server said no to something that Muster needs, in words of its own: an admission webhook, a quota, pod security, a right of the server’s account.',
    more: 'The message is the API server’s. For the service compare the account’s rights with [security.md](security.md#what-the-server-may-do). `does not answer as Muster does`, from `muster report`: another server listens at `--url`.',
  },
  GatherFailed: {
    happened: 'The gather did not do its work, and nothing more is known of why.',
    more: '`muster view ARCHIVE PATH/gather.logs`, or the log on the page of the report. The words in [reasons of a gather](#reasons-of-a-gather) are more common.',
  },
  SandboxUnavailable: {
    happened: 'The sandbox cannot start on this machine.',
    more: 'It needs a free loopback port and a folder for temporary files.',
  },
  ArchiveBroken: {
    happened: 'The archive is damaged, cut short, or no archive at all; or what arrived has another SHA-256.',
    more: '`muster verify ARCHIVE` says where. `muster report verify KEY` has the service look at its own. `tar xzf` still unpacks what is whole before the damage.',
  },
  Interrupted: {
    happened: 'Somebody pressed Ctrl-C, or the other side went away. What was gathered or fetched until then is kept.',
    more: '`muster report download` goes on from there. After a second Ctrl-C the next `muster gather` cleans up what the first left in the cluster.',
  },
  Internal: {
    happened: 'Something that nobody foresaw. Callers over REST are told no more; the log has the rest.',
    more: 'Look for `"level":"error"` in the log of the service. Report it with that line, and with what you did: nothing in it is secret, but it names objects of your cluster.',
  },
};

export const gatherReasonWords: Readonly<Record<GatherReason, Words>> = {
  Timeout: {
    happened: 'It ran longer than `timeout` (10 min unless told). What it wrote is in the archive.',
    more: 'a longer `timeout`, or fewer logs: `since`',
  },
  DiskLimit: {
    happened: 'It wrote more than its share of the node’s free disk (`volumePercentage`, 70). What it wrote is kept.',
    more: '`since`, a node with more room (`nodeName`), or a larger share',
  },
  ImagePull: {
    happened: 'The node cannot pull the gather image, or its name is none.',
    more: 'check the name; mirror the image ([disconnected.md](disconnected.md))',
  },
  NotStarted: {
    happened: 'Its pod was not placed, or did not start, until the deadline. The message is the scheduler’s.',
    more: '`nodeName`, or make room',
  },
  Refused: {
    happened: 'The API server refused its pod or namespace. The message is the API server’s.',
    more: 'admission, quota, pod security',
  },
  PodDeleted: {
    happened: 'Its pod or its node went away. What had been brought out is kept.',
    more: 'ask again; who deleted it is in the audit log',
  },
  Evicted: {
    happened: 'The node evicted its pod, as it ran out of disk or memory. What had been brought out is kept.',
    more: 'another node; `since`',
  },
  OutOfMemory: {
    happened: 'The kernel ended its command for want of memory.',
    more: 'another node; tell whoever makes the gather image',
  },
  ExitCode: {
    happened: 'Its command ended with another code than 0; the last line that it wrote follows. What it wrote is kept.',
    more: 'read `gather.logs` in the archive',
  },
  CopyFailed: {
    happened: 'Not everything that it wrote could be brought out. The message says why.',
    more: 'ask again; see the log of the report',
  },
  Cancelled: { happened: 'A person stopped it. What it wrote until then is kept.', more: 'nothing' },
};

/** Words in the condition `Failure` that are neither a code nor a gather's reason. */
export const reportReasonWords: Readonly<Record<string, Words>> = {
  ArchiveFailed: {
    happened: 'The gathers ended, and no archive could be made of them.',
    more: 'the message says why; most often the store is full',
  },
};
