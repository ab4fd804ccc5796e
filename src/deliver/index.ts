export { type DeliverConfig, deliverSchema, type RouteConfig, type TargetConfig } from './config.ts';
export { DeliveryError, headline, type Notice, type Notices, type Target } from './notice.ts';
export { type Routed, Router } from './routing.ts';
export { createTarget } from './targets/index.ts';
export { deliverDue, type Outbox, type Queued, type WorkerOptions } from './worker.ts';
