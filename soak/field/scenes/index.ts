import type { Scene } from '../scene.js';
import { away } from './away.js';
import { busy } from './busy.js';
import { fleet } from './fleet.js';
import { healing } from './healing.js';
import { outage } from './outage.js';
import { poison } from './poison.js';
import { refused } from './refused.js';
import { restarts } from './restarts.js';
import { start } from './start.js';

/** The scenes, by the names that the command knows them by. */
export const SCENES: Readonly<Record<string, Scene>> = {
  start,
  healing,
  busy,
  poison,
  away,
  fleet,
  refused,
  outage,
  restarts,
};
