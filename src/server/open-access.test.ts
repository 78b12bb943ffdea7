import { describe, expect, it } from 'vitest';
import { createOpenAccess } from './open-access.ts';

describe('access without tokens', () => {
  it.each(['127.0.0.1', '127.8.9.10', '::1', '[::1]', 'localhost'])('is there on %s', (host) => {
    expect(() => createOpenAccess(host)).not.toThrow();
  });

  it.each(['0.0.0.0', '::', '10.0.0.1', '128.0.0.1', 'example.org', 'localhost.example.org', ''])(
    'is not there on %j',
    (host) => {
      expect(() => createOpenAccess(host)).toThrow(/^--auth: none is for loopback only/);
    },
  );

  const asked = (headers: Record<string, string>) =>
    createOpenAccess('127.0.0.1').authorize(headers, AbortSignal.timeout(1000));

  it.each([
    { host: '127.0.0.1:8080' },
    { host: 'localhost:8080' },
    { host: '[::1]:8080' },
    { host: 'localhost:8080', origin: 'http://localhost:8080' },
  ])('lets %j in', async (headers) => {
    expect(await asked(headers)).toEqual({ username: 'anonymous' });
  });

  it.each([
    {},
    { host: 'rebound.example.org:8080' },
    { host: '127.0.0.1.example.org' },
    { host: 'user@example.org' },
    { host: 'localhost:8080', origin: 'https://example.org' },
    { host: 'localhost:8080', origin: 'http://localhost:9999' },
    { host: 'localhost:8080', origin: 'null' },
  ])('keeps %j out', async (headers: Record<string, string>) => {
    await expect(asked(headers)).rejects.toMatchObject({ code: 'RightsMissing', httpStatus: 403 });
  });
});
