/** Which console this host stands for, as its server wrote it into the page: `4.22.0`. */
export const RELEASE: string =
  document.querySelector<HTMLMetaElement>('meta[name="console-release"]')?.content ?? '4.22.0';

/** From 4.23 on the console's SDK has `useToast`. */
export const HAS_TOASTS = RELEASE.localeCompare('4.23.0', 'en', { numeric: true }) >= 0;
