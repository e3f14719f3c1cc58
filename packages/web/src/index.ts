/** From the sources and from `dist` alike, the built page lies here. */
const APP = "../dist/app/";

/** The folder with the built page: `index.html`, and beside it assets whose names carry their hashes. */
export const webFolder: URL = new URL(APP, import.meta.url);

/**
 * What the browser may do for this page: run and show its own files, and speak to its own origin. No inline script, no
 * frame around it, no form that leaves.
 */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "media-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");
