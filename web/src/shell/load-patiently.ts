const TRIES = 3;
const AGAIN_AFTER_MS = 1000;

/**
 * Loads a part of the pages, again when that fails: a laptop that changes its network breaks off what is on its way
 * (ERR_NETWORK_CHANGED in Chromium). Throws what the last try threw.
 */
export async function loadPatiently<T>(load: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await load();
    } catch (error) {
      if (tries === TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
    }
  }
}
