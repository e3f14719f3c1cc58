export { NodeError } from "./errors.ts";
