/**
 * The console shares no react-dom with plugins, and @tanstack/react-virtual wants one function of it, to draw a scroll at once.
 * A second react-dom would be 40 KB that knows nothing of the console's: scrolls are drawn when React comes to it.
 */
export function flushSync<T>(run: () => T): T {
  return run();
}
