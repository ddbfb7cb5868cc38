import { FBClient } from 'fbclient';

export const flags = new FBClient({ offline: true });
