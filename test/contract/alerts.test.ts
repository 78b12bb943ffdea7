import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { createMetrics } from '../../src/server/metrics.ts';
import { root } from './command.ts';

// What promtool would not see: scripts/check-alerts.ts has it read the expressions and run their cases.

type Alert = { alert: string; expr: string; labels: Record<string, string>; annotations: Record<string, string> };
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const rules = (parse(read('deploy/components/monitoring/alerts.yaml')) as { spec: { groups: { rules: Alert[] }[] } })
  .spec;
const alerts = rules.groups.flatMap((group) => group.rules);
const cases = (parse(read('test/monitoring/alerts.yaml')) as { tests: { alert_rule_test: Case[] }[] }).tests;
type Case = { alertname: string; exp_alerts?: unknown[] };

it('ask for what the service measures, under labels that it gives', async () => {
  const metrics = createMetrics({
    reports: { list: () => [] },
    queueDepth: () => 0,
    isLeading: () => true,
    storeFreeBytes: async () => 1,
  });
  metrics.answered({ route: '/', method: 'GET', status: 200, seconds: 0 });
  const told = await metrics.text();
  const asked = new Set(alerts.flatMap(({ expr }) => expr.match(/muster_\w+/g) ?? []));
  expect(asked.size).toBeGreaterThan(5);
  const isTold = (name: string) =>
    told.split('\n').some((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  expect([...asked].filter((name) => !isTold(name))).toEqual([]);
  const phases = new Set(
    alerts.flatMap(({ expr }) => [...expr.matchAll(/phase[!=~]+"([^"]+)"/g)].map(([, names = '']) => names)),
  );
  for (const phase of [...phases].flatMap((names) => names.split('|'))) expect(told).toContain(`phase="${phase}"`);
});

it('ask for the job and the namespace that the ServiceMonitor gives them', () => {
  for (const { expr } of alerts) {
    const selectors = expr.match(/\b(?:muster_\w+|up)\{[^}]*\}/g) ?? [];
    expect(selectors.length).toBe(expr.match(/\b(?:muster_\w+|up)\b(?!")/g)?.length);
    for (const selector of selectors) expect(selector).toContain('{job="muster", namespace="muster"');
  }
});

it('have each a section of the runbook, a severity, and a case where they fire and one where they do not', () => {
  const sections = read('docs/runbooks.md').split(/^## /m).slice(1);
  expect(sections.map((section) => section.split('\n', 1)[0])).toEqual(alerts.map(({ alert }) => alert));
  const tried = cases.flatMap((each) => each.alert_rule_test);
  for (const { alert, labels, annotations } of alerts) {
    expect(annotations.runbook_url).toBe(`docs/runbooks.md#${alert.toLowerCase()}`);
    expect(labels).toEqual({ severity: expect.stringMatching(/^(critical|warning)$/), namespace: 'muster' });
    const section = sections.find((text) => text.startsWith(`${alert}\n`)) ?? '';
    for (const part of ['**What it means.**', '**Look.**', '**Do.**']) expect(section).toContain(part);
    const fires = (isFiring: boolean) =>
      tried.some(({ alertname, exp_alerts: fired = [] }) => alertname === alert && fired.length > 0 === isFiring);
    expect([alert, fires(true), fires(false)]).toEqual([alert, true, true]);
  }
});
