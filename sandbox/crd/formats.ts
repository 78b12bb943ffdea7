import { isIP } from 'node:net';

const rfc3339 =
  /^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)T(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)(?:\.\d+)?(?<zone>Z|[+-](?<zoneHour>\d\d):(?<zoneMinute>\d\d))$/;

/** An RFC 3339 time, to the millisecond; `undefined` for what is none, such as a 30th of February. */
export function readTime(text: string): Date | undefined {
  const found = rfc3339.exec(text)?.groups;
  if (found === undefined) return undefined;
  const { year, month, day, hour, minute, second, zoneHour = 0, zoneMinute = 0 } = found;
  const inMonth = new Date(Date.UTC(2000 + (Number(year) % 400), Number(month), 0)).getUTCDate();
  const isGood =
    [month, day].every((part) => Number(part) >= 1) &&
    Number(month) <= 12 &&
    Number(day) <= inMonth &&
    [hour, zoneHour].every((part) => Number(part) <= 23) &&
    [minute, second, zoneMinute].every((part) => Number(part) <= 59);
  return isGood ? new Date(text) : undefined;
}

const within = (least: number, most: number) => ({
  type: 'number' as const,
  validate: (value: number) => Number.isInteger(value) && value >= least && value <= most,
});

/** The formats that the API server checks in custom resources, but for the rare ones; others say nothing. */
export const formats = {
  int32: within(-(2 ** 31), 2 ** 31 - 1),
  int64: within(-(2 ** 63), 2 ** 63),
  'date-time': (text: string) => readTime(text) !== undefined,
  date: (text: string) => readTime(`${text}T00:00:00Z`) !== undefined,
  byte: /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/,
  uuid: /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i,
  ipv4: (text: string) => isIP(text) === 4,
  ipv6: (text: string) => isIP(text) === 6,
  uri: (text: string) => URL.canParse(text),
};
