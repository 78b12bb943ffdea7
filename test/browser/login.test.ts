import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LoginWorld, startLogin } from './tokens.ts';

describe('the login page', () => {
  let pages: LoginWorld;
  beforeAll(async () => {
    pages = await startLogin();
  });
  afterAll(() => pages.close(), 60_000);

  const loginOf = (page: Page) => page.getByRole('heading', { name: 'Log in to Muster' });
  const logIn = async (page: Page, token: string) => {
    await page.getByLabel('Token', { exact: true }).fill(token);
    await page.keyboard.press('Enter');
  };

  it('takes a token as it was pasted, and then shows the page that was asked for', async () => {
    const token = await pages.tokenOf('ada');
    const page = await pages.open('/reports?text=web');
    await loginOf(page).waitFor();
    await expect.poll(() => page.evaluate('document.activeElement?.id')).toBe('token');
    expect(await page.getByLabel('Token', { exact: true }).getAttribute('type')).toBe('password');
    await page.getByRole('button', { name: 'Show the token' }).click();
    expect(await page.getByLabel('Token', { exact: true }).getAttribute('type')).toBe('text');
    await page.getByRole('button', { name: 'Hide the token' }).click();
    await page.getByLabel('Token', { exact: true }).focus();
    await logIn(page, `  ${token.slice(0, 40)} ${token.slice(40)} `);
    await page.getByRole('heading', { name: 'Reports', level: 1 }).waitFor();
    expect(new URL(page.url()).search).toBe('?text=web');
    expect(await page.evaluate('document.cookie')).toBe('');
    const [cookie] = await page.context().cookies();
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
    expect(cookie?.value).not.toContain(token.slice(0, 20));

    await page.reload();
    await page.getByRole('heading', { name: 'Reports', level: 1 }).waitFor();
    await page.getByRole('button', { name: 'system:serviceaccount:people:ada' }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await loginOf(page).waitFor();
    expect(await page.context().cookies()).toEqual([]);
    expect(pages.troubles).toEqual([]);
  });

  it('says in words why a token was refused', async () => {
    const weak = await pages.tokenOf('bob', { isAdmin: false });
    const page = await pages.open('/');
    await loginOf(page).waitFor();
    await logIn(page, 'no-such-token');
    await page.getByText('The cluster does not accept this token').waitFor();
    await logIn(page, weak);
    await page.getByText('You need cluster-admin to use reports').waitFor();
    await page.getByText('system:serviceaccount:people:bob is no cluster-admin').waitFor();
    await page.getByRole('button', { name: 'How to make a token' }).click();
    const command = page.getByLabel('On any Kubernetes, a token of a service account');
    expect(await command.inputValue()).toBe('kubectl create token NAME -n NAMESPACE --duration=8h');
  });

  // The stream of reports asks for the rights again each minute.
  it('comes back when the token ends, and leads to where one was', { timeout: 150_000 }, async () => {
    const page = await pages.open('/reports?text=web');
    await logIn(page, await pages.tokenOf('carol'));
    await page.getByRole('heading', { name: 'Reports', level: 1 }).waitFor();
    await pages.remove('carol');
    await loginOf(page).waitFor({ timeout: 100_000 });
    await logIn(page, await pages.tokenOf('dora'));
    await page.getByRole('heading', { name: 'Reports', level: 1 }).waitFor();
    expect(new URL(page.url()).search).toBe('?text=web');
  });

  it('keeps what the dialog held when the token ended, for the same person', { timeout: 150_000 }, async () => {
    const page = await pages.open('/?generate');
    const dialog = page.getByRole('dialog', { name: 'Generate diagnostic report' });
    const name = dialog.getByRole('textbox', { name: 'Custom name' });
    const sendTooLate = async () => {
      await pages.remove('frank');
      // Until it is known that the token ended, the service answers as before.
      await page.route('**/must-gather', (route) =>
        route.request().method() === 'POST' ? route.fulfill({ status: 401, json: {} }) : route.continue(),
      );
      await dialog.getByRole('button', { name: 'Generate', exact: true }).click();
      await loginOf(page).waitFor({ timeout: 100_000 });
      await page.unroute('**/must-gather');
    };
    await logIn(page, await pages.tokenOf('frank'));
    await dialog.getByRole('checkbox', { name: /^Cluster/ }).waitFor();
    await dialog.getByLabel('Time period').selectOption('Last 24 hours');
    await dialog.getByRole('button', { name: 'Advanced' }).click();
    await name.fill('case 42');
    await dialog.getByRole('textbox', { name: 'Command' }).fill('echo kept');
    await sendTooLate();

    // The account's binding is still there.
    await logIn(page, await pages.tokenOf('frank', { isAdmin: false }));
    await expect.poll(() => name.inputValue()).toBe('case 42');
    expect(await dialog.getByRole('textbox', { name: 'Command' }).inputValue()).toBe('echo kept');
    expect(await dialog.getByLabel('Time period').inputValue()).toBe('24h');
    expect(await page.evaluate('sessionStorage.length + localStorage.length')).toBe(0);
    await sendTooLate();

    await logIn(page, await pages.tokenOf('grace'));
    await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
    expect(await dialog.count()).toBe(0);
    expect(pages.troubles).toEqual([]);
  });

  it('says who has no rights any more, and takes another token', { timeout: 150_000 }, async () => {
    const page = await pages.open('/');
    await logIn(page, await pages.tokenOf('eve'));
    await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
    await pages.unbind('eve');
    await page.getByRole('heading', { name: 'You need cluster-admin to use reports.' }).waitFor({ timeout: 100_000 });
    await page.getByText('Signed in as system:serviceaccount:people:eve.').waitFor();
    await page.getByRole('button', { name: 'Use another token' }).click();
    await loginOf(page).waitFor();
  });

  it('keeps the token that was typed when the service is away, and says so', async () => {
    const page = await pages.open('/');
    await loginOf(page).waitFor();
    await page.route('**/login', (route) => route.abort());
    await logIn(page, 'some-token');
    await page.getByText('The service cannot be reached').waitFor();
    expect(await page.getByLabel('Token', { exact: true }).inputValue()).toBe('some-token');
  });
});
