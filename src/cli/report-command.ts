import type { Command } from 'commander';
import { MusterError } from '../report/errors.ts';
import type { Program } from './program.ts';
import { getReport, pathOf, type ReportAnswer, reportIn, reportsIn } from './report-answer.ts';
import { addDestinationFlags, addReportCreate, fetchArchive, jsonOf, outputOption, savedAs } from './report-create.ts';
import { printLogs } from './report-logs.ts';
import { reportTable, reportText } from './report-text.ts';
import { addServiceAccessFlags, openService, type ServiceAccessFlags } from './service-access.ts';
import type { ServiceClient } from './service-client.ts';

type Flags = ServiceAccessFlags & {
  output?: string;
  follow?: boolean;
  gather?: string;
  file?: string;
  force?: boolean;
};

/** What one of the commands does with a report, `key` being its number or name. */
type Act = (service: ServiceClient, key: string, flags: Flags) => Promise<void>;

const PAGE = 500;

/** `muster report`: what the REST service can do, from the command line. */
export function addReportCommand(root: Command, program: Program): void {
  const parent = root
    .command('report')
    .description('reports of a Muster service: ask for them, watch them, fetch them');
  const { interrupt: signal, stdout } = program;
  const add = (name: string, description: string, act: Act): Command => {
    const hasKey = name !== 'list';
    const command = parent.command(hasKey ? `${name} <report>` : name).description(description);
    command.action(async (...given: unknown[]) => {
      const flags: Flags = command.opts();
      const service = await openService(flags, program.env);
      try {
        await act(service, hasKey ? String(given[0]) : '', flags);
      } finally {
        service.close();
      }
    });
    return command;
  };
  const say = (text: string) => stdout.write(`${text}\n`);

  addReportCreate(parent, program);
  const commands = [
    add('list', 'all reports', async (service, _, { output }) => {
      const all = await listReports(service, signal);
      stdout.write(output === 'json' ? jsonOf(all) : reportTable(all, program.now()));
    }).addOption(outputOption()),
    add('get', 'one report with its gathers, by number or name', async (service, key, { output }) => {
      const { body } = await service.json('GET', pathOf(key), { signal });
      const report = reportIn(body, service.url);
      stdout.write(output === 'json' ? jsonOf(body) : reportText(report, stdout, program.now()));
    }).addOption(outputOption()),
    add('logs', 'what the gathers of a report say', async (service, key, { follow = false, gather }) =>
      printLogs({ service, key, follow, gather, stream: stdout, signal }),
    )
      .option('-f, --follow', 'until the report has ended')
      .option('--gather <name>', 'of this gather alone'),
    addDestinationFlags(
      add(
        'download',
        'fetch the archive of a report; the same again goes on where it was cut',
        async (service, key, flags) => {
          const report = await getReport(service, key, signal);
          stdout.write(savedAs(await fetchArchive(program, service, report, flags)));
        },
      ),
    ),
    add('verify', 'have the service read an archive from end to end, and compare', async (service, key) => {
      const { body } = await service.json('POST', `${pathOf(key)}/verify`, { signal });
      const { state = '', should } = body as { state?: string; should?: { sha256?: string } };
      if (state !== 'same') throw new MusterError('ArchiveBroken', `the archive of report ${key} is ${state}`);
      say(`The archive of report ${key} is whole  sha256:${should?.sha256 ?? ''}`);
    }),
    add('cancel', 'end a report; what it gathered is kept', async (service, key) => {
      const { id } = await change(service, 'POST', key, '/cancel');
      say(`Report ${id} is being cancelled`);
    }),
    add('retry', 'ask again for a report that has ended; the old one is deleted', async (service, key) => {
      const { id } = await change(service, 'POST', key, '/retry');
      say(`Report ${id}`);
    }),
    add('delete', 'delete a report and its archive', async (service, key) => {
      await service.json('DELETE', pathOf(key), { signal });
      say(`Report ${key} is being deleted`);
    }),
  ];
  for (const command of commands) addServiceAccessFlags(command);

  async function change(service: ServiceClient, method: 'POST', key: string, action: string): Promise<ReportAnswer> {
    return reportIn((await service.json(method, `${pathOf(key)}${action}`, { signal })).body, service.url);
  }
}

/** All reports, oldest first, a page at a time. */
async function listReports(service: ServiceClient, signal: AbortSignal): Promise<ReportAnswer[]> {
  const all: ReportAnswer[] = [];
  for (;;) {
    const last = all.at(-1);
    const after = last === undefined ? '' : `&continue=${last.id}`;
    const { body, headers } = await service.json('GET', `/must-gather?limit=${PAGE}${after}`, { signal });
    const page = reportsIn(body, service.url);
    all.push(...page);
    if (headers.link === undefined || page.length === 0) return all;
  }
}
