const DARK = 'pf-v6-theme-dark';
const HIGH_CONTRAST = 'pf-v6-theme-high-contrast';

/** Follows what the person has set in their system: dark or light, more contrast or not. */
export function followSystemTheme(page: HTMLElement, matchMedia: (query: string) => MediaQueryList): void {
  follow(matchMedia('(prefers-color-scheme: dark)'), DARK);
  follow(matchMedia('(prefers-contrast: more)'), HIGH_CONTRAST);

  function follow(query: MediaQueryList, className: string): void {
    const apply = () => page.classList.toggle(className, query.matches);
    apply();
    query.addEventListener('change', apply);
  }
}
