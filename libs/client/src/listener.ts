// Calls what a program gave us to call. What it throws stops nothing of ours: it is thrown where nobody catches it.

export function tell<V>(listener: ((value: V) => void) | undefined, value: V): void {
  try {
    listener?.(value);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
