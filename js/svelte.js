// For Svelte: a flow as a store of its snapshot. Stores are told at once what there is.
export const useFlow = (flow) => ({
  subscribe(run) {
    const tell = () => run(flow.snapshot());
    const end = flow.subscribe(tell);
    tell();
    return end;
  },
});
