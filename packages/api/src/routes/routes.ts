import { OPERATIONS, type OperationId } from "../operations.ts";
import { ACCESS_ROUTES } from "./access-routes.ts";
import { MONEY_ROUTES } from "./money-routes.ts";
import { NODE_ROUTES } from "./node-routes.ts";
import { OUTSIDE_ROUTES } from "./outside-routes.ts";
import type { AnswerOf, InputOf, RouteShape, SentOf } from "./route.ts";
import { SITE_ROUTES } from "./site-routes.ts";
import { TORRENT_ROUTES } from "./torrent-routes.ts";

/** What every operation takes and answers. */
export const ROUTES = {
  ...ACCESS_ROUTES,
  ...NODE_ROUTES,
  ...TORRENT_ROUTES,
  ...MONEY_ROUTES,
  ...OUTSIDE_ROUTES,
  ...SITE_ROUTES,
} as const satisfies Record<OperationId, RouteShape>;

export type Routes = typeof ROUTES;
/** What a handler of an operation is given. */
export type Input<Id extends OperationId> = InputOf<Routes[Id]>;
/** What a caller of an operation passes. */
export type Sent<Id extends OperationId> = SentOf<Routes[Id]>;
/** What an operation answers as JSON. */
export type Answer<Id extends OperationId> = AnswerOf<Routes[Id]>;

/** Operations that answer JSON; the others answer bytes or events. */
export type JsonOperationId = {
  [Id in OperationId]: Routes[Id]["answer"] extends string ? never : Id;
}[OperationId];

/** @returns The shape of an operation, without what is particular to it. */
export function routeOf(id: OperationId): RouteShape {
  return ROUTES[id];
}

export const OPERATION_IDS = Object.keys(OPERATIONS) as readonly OperationId[];
