// A tab that is duplicated takes its `sessionStorage` along: two tabs then hold one session, whose
// refresh token the pool may take once. They tell each other, and nobody else, what became of it.
import { attempt } from "./error.js";
import { own } from "./json.js";

/** How long one that is about to refresh waits for a copy that was sooner. */
const ANSWER_MS = 100;
/** So many changes are remembered, for a copy that slept meanwhile. */
const REMEMBERED = 8;

/**
 * Where there are any: `isOfTab()`. `moved` is told from which record to which a copy went (`null`: it
 * signed out), and says whether it was the record of this tab.
 */
export function openCopies(isOfTab, name, moved) {
  let channel;
  // What each record has become.
  const past = new Map();
  let answered;
  let timer;

  const post = (from, to) => attempt(() => channel.postMessage({ from, to }));

  const remember = (from, to) => {
    // What it has become now is followed by nothing that came before.
    past.delete(to);
    past.set(from, to);
    if (past.size > REMEMBERED) past.delete(past.keys().next().value);
  };

  const newest = (record) => (past.has(record) ? newest(past.get(record)) : record);

  /** Whether there may be copies now. */
  const listen = () => {
    if (channel || !isOfTab()) return channel;
    channel = attempt(() => new BroadcastChannel(name));
    if (!channel) return undefined;
    // Node would wait for messages for ever.
    channel.unref?.();
    channel.onmessage = ({ data }) => {
      const { from, to } = own(data);
      if (typeof from !== "string") return;
      if (to === undefined) {
        const last = newest(from);
        if (last !== from) post(from, last);
      } else if ((to === null || typeof to === "string") && moved(from, to)) {
        remember(from, to);
        answered?.();
      }
    };
    return channel;
  };
  listen();

  return {
    /** This tab's record has become another one, or none. */
    tell(from, to) {
      if (!listen() || from === null || from === to) return;
      remember(from, to);
      post(from, to);
    },

    /** Asks what has become of a record; then goes on, whether anybody knows or not. */
    ask(record, then) {
      if (!isOfTab() || !listen() || record === null) return then();
      clearTimeout(timer);
      answered = () => {
        answered = undefined;
        clearTimeout(timer);
        then();
      };
      timer = setTimeout(answered, ANSWER_MS);
      post(record);
    },

    close() {
      clearTimeout(timer);
      channel?.close();
    },
  };
}
