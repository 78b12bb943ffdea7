import { consoleFetch } from '@openshift-console/dynamic-plugin-sdk';
import { RequestFailed } from '../reports/request-failed.ts';
import type { Fetch } from '../reports/rest-client.ts';

/** What consoleFetch throws for an answer of 400 and above. */
type HttpError = { readonly code: number; readonly message: string; readonly json?: { readonly code?: unknown } };

/** Sends through the console, which adds its token against forged requests; its errors become the pages' own. */
export const sendByConsole: Fetch = async (path, init) => {
  try {
    return await consoleFetch(path, init);
  } catch (error) {
    throw isHttpError(error) ? new RequestFailed(error.code, codeOf(error), error.message, error) : error;
  }
};

function isHttpError(error: unknown): error is HttpError {
  return error instanceof Error && 'code' in error && typeof error.code === 'number';
}

function codeOf({ json }: HttpError): string {
  return typeof json?.code === 'string' ? json.code : '';
}
