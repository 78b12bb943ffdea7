import { consoleFetch } from '@openshift-console/dynamic-plugin-sdk';
import { RequestFailed } from '../reports/request-failed.ts';
import type { Fetch } from '../reports/rest-client.ts';

/** What consoleFetch throws for an answer of 400 and above; `json` where the answer was JSON, as all of the service's are. */
type HttpError = {
  readonly code: number;
  readonly message: string;
  readonly response?: Response;
  readonly json?: { readonly code?: unknown };
};

/** Sends through the console, which adds its token against forged requests; its errors become the pages' own. */
export const sendByConsole: Fetch = async (path, init) => {
  try {
    return await consoleFetch(path, init);
  } catch (error) {
    throw isHttpError(error) ? await failureOf(error) : error;
  }
};

function isHttpError(error: unknown): error is HttpError {
  return error instanceof Error && 'code' in error && typeof error.code === 'number';
}

async function failureOf(error: HttpError): Promise<RequestFailed> {
  const { code, message, response, json } = error;
  // The console's own refusal, of a token against forged requests that is missing or old. It has nothing to do with the
  // person's rights, which the pages take a 403 for.
  if (code === 403 && json === undefined) {
    const text = (await response?.text().catch(() => ''))?.trim() || message;
    return new RequestFailed(400, '', `The console refused the request (${text}). Load the page again.`, error);
  }
  return new RequestFailed(code, codeOf(error), message, error);
}

function codeOf({ json }: HttpError): string {
  return typeof json?.code === 'string' ? json.code : '';
}
