import type { Handlers } from "../rest/handlers.ts";
import type { Feeds } from "./feeds.ts";

/** What the operations on feeds do. */
export function createFeedHandlers(
  feeds: Feeds,
): Pick<Handlers, "listFeeds" | "addFeed" | "changeFeed" | "removeFeed" | "listFeedItems"> {
  return {
    listFeeds: () => ({ feeds: feeds.list() }),
    addFeed: (input) => feeds.add(input),
    changeFeed: (input) => feeds.change(input),
    async removeFeed({ id }) {
      await feeds.remove(id);
      return {};
    },
    listFeedItems: async ({ id }) => ({ items: await feeds.items(id) }),
  };
}
