import type { ReactNode, ReactPortal } from 'react';

// The console shares no react-dom with plugins. PatternFly wants one function of it, and @tanstack/react-virtual another. A
// second react-dom would be 42 KB (gzip) on each visit of the dashboard, and know nothing of the console's.

/** What react-dom's makes, 16 to 19: an element of React's own, which whichever react-dom draws the page understands. */
export function createPortal(children: ReactNode, container: Element, key?: string | null): ReactPortal {
  const portal = { $$typeof: Symbol.for('react.portal'), key: key ?? null, children, containerInfo: container };
  return { ...portal, implementation: null } as unknown as ReactPortal;
}

/** For scrolls, to be drawn at once: they are drawn when React comes to it. */
export function flushSync<T>(run: () => T): T {
  return run();
}
