/** Every service of the local cloud, one line each; IAM and STS join in `start.ts`, being part of the door's core. */
import type { ServiceFactory } from "./service.ts";

export const services: readonly ServiceFactory[] = [];
