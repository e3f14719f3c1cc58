/** Whether this window was opened by a site, to answer it and be gone: `#/sites?window`. */
export const isPopUp = typeof location !== "undefined" && location.hash.startsWith("#/sites?");
