/** What `ask` comes to, one asking at a time for all who want to know, and the same again for `heldMs` after it came. */
export function heldFor<T>(heldMs: number, ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => {
    if (answer === undefined) {
      const asked = ask();
      answer = asked;
      const forget = () => {
        setTimeout(() => {
          answer = undefined;
        }, heldMs).unref();
      };
      asked.then(forget, forget);
    }
    return answer;
  };
}
