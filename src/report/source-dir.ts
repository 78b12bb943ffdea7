/** Where a gather image writes (the contract of must-gather images). */
export const DEFAULT_SOURCE_DIR = '/must-gather';
