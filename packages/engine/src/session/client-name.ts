/** How this client names itself to peers and trackers. */
export const CLIENT_NAME = "Shoal 0.1.0";
