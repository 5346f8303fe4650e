/** What is loaded once for all who ask; a failed load (offline, say) is tried again by the next call. */
export function once(load) {
  let loading = null;
  return async () => {
    loading ??= load();
    try {
      return await loading;
    } catch (error) {
      loading = null;
      throw error;
    }
  };
}
