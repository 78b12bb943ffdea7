/** The console's name for a plugin's words; the standalone pages use the same. */
export const NAMESPACE = 'plugin__muster';
